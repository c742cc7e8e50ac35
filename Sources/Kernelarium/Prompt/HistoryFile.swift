// The prompt's history: one line of text an entry, appended as typed, so that two terminals and a crash lose nothing.

import Glibc

/// The history file.
struct HistoryFile {
  /// How many entries are kept.
  static let capacity = 1000

  private let path: String
  /// Why the history cannot be kept, told once.
  private(set) var problem: String?

  /// Uses the file in the user's state folder.
  init() {
    guard let folder = StateFolder.path else {
      path = ""
      problem = "the history is not kept: neither XDG_STATE_HOME nor HOME is set"
      return
    }
    path = folder + "/history"
    if let reason = StateFolder.create(folder) { problem = "the history is not kept: \(reason)" }
  }

  /// The entries of earlier sessions, oldest first; a file that has grown too long is cut.
  mutating func load() -> [String] {
    if problem != nil { return [] }
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    if descriptor < 0 {
      problem = "the history is not kept: \(path): \(SystemMessage.text(errno))"
      return []
    }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 * 1024)
    while true {
      let count = read(descriptor, &chunk, chunk.count)
      if count <= 0 { break }
      bytes += chunk[..<count]
    }
    let entries = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    if entries.count > 2 * Self.capacity { replace(with: entries.suffix(Self.capacity)) }
    return entries.suffix(Self.capacity)
  }

  private func replace(with entries: some Sequence<String>) {
    let temporary = path + ".\(getpid())"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    if descriptor < 0 { return }
    let result = Output.writeAll(entries.map { $0 + "\n" }.joined(), to: descriptor)
    close(descriptor)
    if result == 0 { rename(temporary, path) } else { unlink(temporary) }
  }

  /// Appends an entry.
  func append(_ entry: String) {
    if problem != nil { return }
    let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
    if descriptor < 0 { return }
    _ = Output.writeAll(entry + "\n", to: descriptor)
    close(descriptor)
  }
}
