// What a command is. Prompt, scripts, lessons and tests run the same values; adding a command means adding one file
// with a conforming type, and its line in `CommandRegistry`. A command must not print: it returns a value.

/// A command of the prompt.
protocol Command: Sendable {
  /// The words that name it, for example `info tasks`.
  var name: String { get }
  /// Other spellings: those of gdb, QEMU's monitor and strace where they have one.
  var aliases: [String] { get }
  /// The section of `help` it is listed in.
  var group: CommandGroup { get }
  /// One line for lists, without a full stop.
  var summary: String { get }
  var help: CommandHelp { get }
  var parameters: [any CommandParameter] { get }
  /// Whether it changes a system, so that `undo` has something to take back.
  var effect: CommandEffect { get }
  /// Whether it reads keys or prints while it runs, so that nothing else may write to the terminal.
  var usesTerminal: Bool { get }
  /// Whether a format such as `/8gx` may follow the name.
  var takesFormat: Bool { get }

  /// What it does with these arguments; the same as `effect` unless the command tells otherwise.
  func effect(of arguments: Arguments) -> CommandEffect
  /// Does the work.
  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult
}

extension Command {
  var aliases: [String] { [] }
  var parameters: [any CommandParameter] { [] }
  var effect: CommandEffect { .none }
  var usesTerminal: Bool { false }
  var takesFormat: Bool { false }

  func effect(of arguments: Arguments) -> CommandEffect { effect }

  /// The command with its arguments, as `help` shows it.
  var usage: String {
    ([takesFormat ? name + "[/FORMAT]" : name] + parameters.map(\.usage)).joined(separator: " ")
  }
}

/// The sections of `help`, in their order.
enum CommandGroup: String, CaseIterable, Sendable {
  case systems = "Systems"
  case linking = "Linking and virtual machines"
  case running = "Running"
  case timeTravel = "Back and forth in time"
  case calls = "System calls and paths"
  case inspecting = "The machine"
  case memory = "Memory and address spaces"
  case faults = "Faults"
  case learning = "Lessons"
  case tool = "The tool"
}

/// The long help of a command.
struct CommandHelp: Sendable {
  /// One or more paragraphs, separated by empty lines; `` `code` `` is marked up.
  let discussion: String
  /// Lines that can be typed as they stand.
  let examples: [String]
  /// Commands worth trying next.
  let next: [String]

  init(_ discussion: String, examples: [String], next: [String]) {
    self.discussion = discussion
    self.examples = examples
    self.next = next
  }
}

/// What a command does to the current system.
enum CommandEffect: Equatable, Sendable {
  /// It only looks.
  case none
  /// It runs the system or writes to it: the state before is kept for `undo`.
  case changesSystem
  /// It puts an earlier state back; there is nothing to keep.
  case takesBack
}

/// The value of a command: encoded for `--json`, described for people, both from the same properties.
protocol CommandValue: Encodable, Sendable {
  /// Adds the text view.
  func describe(in text: inout StyledText)
}

/// What a command gives back.
struct CommandResult: Sendable {
  /// What the run meant for the exit status.
  enum Outcome: Equatable, Sendable {
    case fine
    case panicked
    /// The instruction limit was used up, or nothing can wake the machine.
    case hung
    /// A check or an assertion did not hold.
    case checkFailed
    /// Stopped by Ctrl-C.
    case interrupted
  }

  let value: any CommandValue
  /// One or two commands worth trying next, which are not part of the JSON view.
  ///
  /// `` `code` `` is marked up.
  var next: String?
  var outcome: Outcome

  init(_ value: any CommandValue, next: String? = nil, outcome: Outcome = .fine) {
    self.value = value
    self.next = next
    self.outcome = outcome
  }
}
