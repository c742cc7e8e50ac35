// A program in miniature for tests of the lesson engine: two kernels with a counter and a fault, as plain values.

@testable import Lessons

/// A host whose systems are a few numbers.
struct FakeHost: LessonHost {
  struct State: Sendable, Equatable {
    var kernel: String?
    var state = "running"
    var reads = 0
    var isArmed = false
    var hasFired = false
    var restarts = 0
  }

  var state = State()
  var begun: [LessonMachine] = []
  var ran: [String] = []
  var asked: [String] = []
  /// A command that this program does not know.
  var unknownCommand: String?

  mutating func begin(_ machine: LessonMachine) throws(LessonHostError) {
    guard machine.kernel != "uni" else { throw LessonHostError("there is no `uni` yet") }
    begun.append(machine)
    state = State(kernel: machine.kernel)
  }

  mutating func run(_ line: String) -> CommandOutcome {
    ran.append(line)
    return perform(line)
  }

  mutating func ask(_ line: String) -> CommandOutcome {
    asked.append(line)
    let before = state
    defer { state = before }
    return perform(line)
  }

  mutating func snapshot() -> State { state }

  mutating func restore(_ snapshot: State) { state = snapshot }

  private mutating func perform(_ line: String) -> CommandOutcome {
    if line == unknownCommand { return refused(line, "unknown command") }
    let words = line.split(separator: " ").map(String.init)
    switch words.first {
    case "boot" where words.count == 2:
      state = State(kernel: words[1])
      return done(line, "\(words[1]): ready\n", .object(["kernel": .text(words[1])]))
    case _ where state.kernel == nil:
      return refused(line, "no system is booted")
    case "fault":
      state.isArmed = true
      return done(line, "fault 1 armed: blk\n", .object(["id": .integer(1)]))
    case "console":
      return done(line, "", .null)
    case "read":
      return read(line)
    case "info" where words.last == "system":
      return done(line, "", .object(["state": .text(state.state)]))
    case "info" where words.last == "tasks":
      let blk: JSONValue = .object(["name": .text("blk"), "restarts": .integer(Int128(state.restarts))])
      return done(line, "", .object(["tasks": .list([blk])]))
    case "info" where words.last == "faults":
      let fault: JSONValue = .object(["id": .integer(1), "fired": .boolean(state.hasFired)])
      let faults: [JSONValue] = state.isArmed || state.hasFired ? [fault] : []
      return done(line, "", .object(["faults": .list(faults)]))
    case "info" where words.last == "stats":
      return done(line, "", .object(["reads": .integer(Int128(state.reads))]))
    default:
      return refused(line, "unknown command `\(line)`")
    }
  }

  private mutating func read(_ line: String) -> CommandOutcome {
    guard state.state == "running" else { return refused(line, "the system has panicked") }
    state.reads += 1
    if state.isArmed {
      state.isArmed = false
      state.hasFired = true
      guard state.kernel == "micro" else {
        state.state = "panicked"
        return CommandOutcome(command: line, ending: .guestStopped, text: "PANIC\n", value: .object([:]))
      }
      state.restarts += 1
    }
    let text = "= 27   \"Everything is a message.\"\n  \(4_118 + state.reads) instructions\n"
    return done(line, text, .object(["returned": .integer(27)]))
  }

  private func done(_ line: String, _ text: String, _ value: JSONValue) -> CommandOutcome {
    CommandOutcome(command: line, ending: .completed, text: text, value: value, isRepeatable: line != "console")
  }

  private func refused(_ line: String, _ message: String) -> CommandOutcome {
    CommandOutcome(command: line, ending: .refused(message: message), text: "error: \(message)\n", value: .null)
  }
}

/// Random numbers that are the same in every run (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
