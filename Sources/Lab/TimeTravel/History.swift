// A system's past: checkpoints taken by themselves while it runs, what was done to it from outside, and what each run was
// meant to do. A value, so that undo and named checkpoints keep it. Memory is bounded: first all checkpoints get rarer,
// then the older the rarer, and only then the oldest go.

import Machine

/// The past of one system.
struct History {
  /// The memory that a system's history may take when nobody says otherwise, in bytes.
  static let defaultLimit: UInt64 = 128 << 20
  /// Instructions between two checkpoints at first.
  static let firstInterval: UInt64 = 1 << 20
  /// Instructions between two checkpoints at most: replaying them takes well under 100 ms.
  static let longestInterval: UInt64 = 8 << 20
  /// Where spacing by age begins: checkpoints as far apart as a 64th of their age.
  private static let firstAgeDivisor: UInt64 = 64
  /// Runs shorter than this share a checkpoint.
  static let shortestInterval: UInt64 = 1 << 16
  /// What a checkpoint takes besides pages of RAM, roughly: tables of pages, TLB, devices.
  private static let overhead: UInt64 = 32 << 10

  /// What is needed besides the machine to go on from a moment as the system did.
  struct Frame {
    let moment: Moment
    let condition: System.Condition
    let spaces: [UInt64: System.KnownSpace]
    let goal: DriveGoal
  }

  /// A checkpoint.
  struct Entry {
    let frame: Frame
    let machine: Checkpoint
    /// The pages that no later checkpoint shares, in bytes, and what else it takes.
    fileprivate(set) var bytes: UInt64

    var moment: Moment { frame.moment }
  }

  /// False in a copy that replays: it reads the log and adds nothing.
  var isRecording = true
  /// The inputs given since the beginning, of those in the log.
  var appliedInputs = 0
  /// Where the system stood when it was sent into the past; nil in the present.
  var present: Entry?
  /// Instructions of recorded future that new input has replaced, until somebody reports it.
  var forgottenInstructions: UInt64?
  /// The most memory to use, in bytes.
  var limit = History.defaultLimit {
    didSet { fit() }
  }

  private(set) var entries: [Entry] = []
  private(set) var interval = History.firstInterval
  /// Checkpoints may be further apart the older they are: by their age, in instructions, over this; nil for all alike.
  private var ageDivisor: UInt64?
  /// One for each run of the guest.
  private var frames: [Frame] = []
  private var inputs: [LoggedInput] = []
  /// The number of the first input in `inputs`; older ones are forgotten.
  private var firstInput = 0

  /// The memory that the history keeps beyond what the system itself needs, in bytes.
  var bytes: UInt64 {
    entries.reduce(0) { $0 + $1.bytes } + inputs.reduce(0) { $0 + $1.input.size }
      + frames.reduce(0) { $0 + 1024 + UInt64($1.condition.console.tail.count) }
  }

  var inputCount: Int { inputs.count }

  /// The most instructions between two neighbouring checkpoints.
  var widestInterval: UInt64 {
    zip(entries, entries.dropFirst()).reduce(0) {
      max($0, $1.1.machine.instructionCount - $1.0.machine.instructionCount)
    }
  }

  /// The earliest moment that can be gone back to.
  var start: Moment? { entries.first?.moment }

  // MARK: Recording

  /// Whether enough has happened since the last checkpoint.
  func isDue(at instructionCount: UInt64, after least: UInt64) -> Bool {
    guard let last = entries.last else { return true }
    return instructionCount >= last.machine.instructionCount &+ least
  }

  mutating func log(_ input: LoggedInput) {
    inputs.append(input)
    appliedInputs += 1
  }

  /// Notes the beginning of a run.
  mutating func add(_ frame: Frame) { frames.append(frame) }

  /// Keeps a checkpoint that is later than all others.
  mutating func add(_ frame: Frame, _ machine: Checkpoint) {
    if let last = entries.indices.last {
      entries[last].bytes = Self.overhead + entries[last].machine.changedBytes(until: machine)
    }
    entries.append(Entry(frame: frame, machine: machine, bytes: Self.overhead))
    fit()
  }

  /// A checkpoint that is not part of the history, for coming back to the present.
  static func entry(_ frame: Frame, _ machine: Checkpoint) -> Entry {
    Entry(frame: frame, machine: machine, bytes: overhead)
  }

  /// Drops everything after a moment.
  mutating func forget(after moment: Moment) {
    entries.removeAll { $0.moment > moment }
    frames.removeAll { $0.moment > moment }
    inputs.removeLast(max(0, firstInput + inputs.count - moment.inputs))
    present = nil
  }

  // MARK: Looking up

  /// The last checkpoint at or before a moment; its place in `entries`.
  func entryIndex(atOrBefore moment: Moment) -> Int? { entries.lastIndex { $0.moment <= moment } }

  /// The last frame at or before a moment.
  func frame(atOrBefore moment: Moment) -> Frame? {
    let run = frames.last { $0.moment <= moment }
    let entry = entries.last { $0.moment <= moment }?.frame
    guard let run else { return entry }
    guard let entry else { return run }
    return run.moment < entry.moment ? entry : run
  }

  /// The input with a number; nil if there is none yet.
  func input(_ number: Int) -> LoggedInput? {
    let index = number - firstInput
    return inputs.indices.contains(index) ? inputs[index] : nil
  }

  /// Whether neither an input nor a new run comes between a moment and a step, both included.
  func isUndisturbed(from moment: Moment, to step: UInt64) -> Bool {
    if let next = input(moment.inputs), next.step <= step { return false }
    return !frames.contains { $0.moment > moment && $0.moment.step <= step }
  }

  /// The last input before a moment that fits.
  func lastInput(before moment: Moment, where fits: (HostInput) -> Bool) -> LoggedInput? {
    inputs.prefix(max(0, moment.inputs - firstInput)).last { fits($0.input) }
  }

  /// The state at a step after all inputs that were given there.
  func moment(at step: UInt64) -> Moment {
    let after = inputs.lastIndex { $0.step <= step }.map { $0 + 1 } ?? 0
    return Moment(step: step, inputs: firstInput + after)
  }

  // MARK: Bounds

  /// Makes the history fit into its memory.
  private mutating func fit() {
    while entries.count > 2, bytes > limit {
      if thin() { continue }
      if interval < Self.longestInterval {
        interval *= 2
      } else if let divisor = ageDivisor {
        guard divisor > 1 else { break }
        ageDivisor = divisor / 2
      } else {
        ageDivisor = Self.firstAgeDivisor
      }
    }
    while entries.count > 1, bytes > limit { removeEntry(at: 0) }
    guard let start else { return }
    // Without a checkpoint before them they lead nowhere.
    if let kept = frames.firstIndex(where: { $0.moment >= start }), kept > 0 { frames.removeFirst(kept) }
    if start.inputs > firstInput {
      inputs.removeFirst(start.inputs - firstInput)
      firstInput = start.inputs
    }
  }

  /// Removes checkpoints that are closer to their neighbours than they need to be at their age.
  ///
  /// - Returns: Whether there were any.
  private mutating func thin() -> Bool {
    let count = entries.count
    let newest = entries.last?.machine.instructionCount ?? 0
    var index = 1
    while index < entries.count - 1 {
      let before = entries[index - 1].machine.instructionCount
      let age = newest - entries[index].machine.instructionCount
      let distance = max(interval, ageDivisor.map { age / $0 } ?? 0)
      if entries[index + 1].machine.instructionCount - before <= distance {
        removeEntry(at: index)
      } else {
        index += 1
      }
    }
    return entries.count < count
  }

  private mutating func removeEntry(at index: Int) {
    entries.remove(at: index)
    guard index > 0, index < entries.count else { return }
    entries[index - 1].bytes = Self.overhead + entries[index - 1].machine.changedBytes(until: entries[index].machine)
  }
}
