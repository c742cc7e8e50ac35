// What `undo` takes back: a copy-on-write copy of all systems before each command that changed one. Copies share their
// memory with the systems until either changes.

import Lab

/// The states before the last changing commands, oldest first.
struct UndoLog {
  /// One state.
  struct Entry {
    /// The command that was about to run.
    let line: String
    /// The systems before it.
    let laboratory: Laboratory
  }

  /// Older states are forgotten: each holds the pages that changed since.
  static let capacity = 32

  private var entries: [Entry] = []

  var isEmpty: Bool { entries.isEmpty }

  mutating func push(_ entry: Entry) {
    if entries.count == Self.capacity { entries.removeFirst() }
    entries.append(entry)
  }

  /// Takes the newest state out.
  mutating func pop() -> Entry? { entries.popLast() }
}
