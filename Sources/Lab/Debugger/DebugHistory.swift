// States of a guest that a debugger's going back starts from. They grow sparser as there are more of them, so that
// their number stays bounded however long the guest runs.

/// States by the number of steps before them.
///
/// A step is an instruction retired or a trap taken.
struct DebugHistory<State> {
  /// One kept state.
  struct Entry {
    let step: UInt64
    let state: State
  }

  /// The most states kept; memory is shared between them until it is written.
  static var capacity: Int { 256 }
  /// Steps between two new states.
  static var interval: UInt64 { 200_000 }

  /// In the order of their steps.
  private(set) var entries: [Entry] = []

  /// Whether a state at this moment would be far enough from its predecessor to be kept.
  func isDue(at step: UInt64) -> Bool {
    guard let last = entries.last(where: { $0.step <= step }) else { return true }
    return step - last.step >= Self.interval && entries.last?.step == last.step
  }

  /// Keeps a state.
  mutating func keep(_ state: State, at step: UInt64) {
    entries.append(Entry(step: step, state: state))
    guard entries.count > Self.capacity else { return }
    // The older half grows sparser, the older the more; the first says where history begins.
    let half = Self.capacity / 2
    entries = entries.enumerated().filter { $0.offset % 2 == 0 || $0.offset > half }.map(\.element)
  }

  /// Forgets what came after a moment, and keeps the state that was changed from outside then.
  mutating func change(to state: State, at step: UInt64) {
    entries.removeAll { $0.step >= step }
    keep(state, at: step)
  }

  /// Where to start from to reach a moment.
  func entry(atOrBefore step: UInt64) -> Entry? { entries.last { $0.step <= step } }
}
