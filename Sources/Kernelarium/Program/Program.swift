// The program: reads its flags, makes a session and gives it lines from the prompt, from arguments or from a script.
// Kept thin, so that everything else can be tested without a process.

import ArgumentParser
import Glibc
import Lab

/// Entry point of the process.
@main
struct Program {
  static func main() {
    // A reader that has left is noticed where we write, not by a signal that hides the exit status.
    signal(SIGPIPE, SIG_IGN)
    let (kind, arguments) = ProgramArguments.command(of: Array(Swift.CommandLine.arguments.dropFirst()))
    do {
      var parsed = try kind.parseAsRoot(arguments)
      if let command = parsed as? any ProgramCommand { exit(command.perform().rawValue) }
      // The argument parser's own command: it ends by throwing the help text.
      try parsed.run()
      exit(ExitStatus.fine.rawValue)
    } catch {
      let message = kind.fullMessage(for: error)
      if kind.exitCode(for: error).isSuccess {
        _ = Output.writeAll(message + "\n", to: STDOUT_FILENO)
        exit(ExitStatus.fine.rawValue)
      }
      _ = Output.writeAll(message + "\n", to: STDERR_FILENO)
      exit(ExitStatus.usage.rawValue)
    }
  }
}

/// Finds the sub-command among the process's arguments, wherever it stands: a script's name may stand there as well,
/// which the argument parser cannot tell apart.
enum ProgramArguments {
  /// The sub-command, and the arguments without its name.
  static func command(of arguments: [String]) -> (any ProgramCommand.Type, [String]) {
    var index = 0
    while index < arguments.count {
      let argument = arguments[index]
      if argument == "--" { break }
      if argument.hasPrefix("-"), argument != "-" {
        index += optionsWithValue.contains(argument) ? 2 : 1
        continue
      }
      guard let command = RootCommand.subcommands.first(where: { $0._commandName == argument }) else { break }
      return (command, Array(arguments[..<index] + arguments[(index + 1)...]))
    }
    return (RootCommand.self, arguments)
  }

  private static let optionsWithValue: Set<String> = [
    "-e", "--seed", "--limit", "--transcript", "--color", "--expect",
  ]
}

/// A sub-command of the program, or the program without one.
protocol ProgramCommand: ParsableCommand {
  /// Does the work.
  func perform() -> ExitStatus
}

/// The program without a sub-command: the prompt, `-e`, a script.
struct RootCommand: ProgramCommand {
  static let configuration = CommandConfiguration(
    commandName: "kernelarium",
    abstract: "Five kinds of operating-system kernel on an emulated RISC-V machine.",
    discussion: """
      Without arguments: the prompt. Exit status: 0 fine, 1 a check failed, 2 wrong flags, 3 a command failed, \
      4 a guest panicked, 5 instruction limit or hang, 6 internal error, 130 interrupted.
      """,
    version: Version.text,
    subcommands: subcommands)

  static let subcommands: [any ProgramCommand.Type] = [
    LessonSubcommand.self, MachineSubcommand.self, BenchSubcommand.self,
  ]

  @ArgumentParser.Option(
    name: .short, parsing: .unconditionalSingleValue,
    help: ArgumentHelp("Run a command; may be repeated.", valueName: "command"))
  var e: [String] = []

  @Argument(help: "A script of commands; - for standard input.")
  var file: String?

  @OptionGroup var options: ProgramOptions

  func perform() -> ExitStatus {
    let isPrompt = e.isEmpty && file == nil && isatty(STDIN_FILENO) == 1
    return SessionRun(options: options, isInteractive: isPrompt).perform { session throws(CommandError) in
      if isPrompt {
        PromptLoop(session: session).run()
        return
      }
      let runner = ScriptRunner(session: session)
      guard runner.run(arguments: e) else { return }
      if let file {
        try runScript(file, runner)
      } else if e.isEmpty {
        try runScript("-", runner)
      }
    }
  }

  private func runScript(_ path: String, _ runner: ScriptRunner) throws(CommandError) {
    if path != "-", access(path, F_OK) != 0 {
      let names = Self.subcommands.map { $0._commandName }
      let nearest = NearestMatch.nearest(to: path, among: names)
      throw CommandError(
        .badFile, "there is no script \(path)",
        hint: nearest.map { "did you mean `kernelarium \($0)`?" } ?? "`kernelarium --help` shows what can be given")
    }
    _ = try runner.run(file: path)
  }
}

/// `kernelarium lesson …`.
struct LessonSubcommand: ProgramCommand {
  static let configuration = CommandConfiguration(
    commandName: "lesson", _superCommandName: "kernelarium",
    abstract: "Lessons: list, start, test; at a terminal the prompt follows.")

  @Argument(parsing: .allUnrecognized, help: "As after `lesson` at the prompt, with its options.")
  var words: [String] = []

  @OptionGroup var options: ProgramOptions

  func validate() throws {
    // What stands before any command is meant for the program, which does not know it.
    if let option = words.first, option.hasPrefix("-") { throw ValidationError("Unknown option '\(option)'") }
  }

  func perform() -> ExitStatus {
    let line = (["lesson"] + words.map(\.asArgument)).joined(separator: " ")
    let opensPrompt = isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 && words.first == "start"
    return SessionRun(options: options, isInteractive: opensPrompt).perform { session throws(CommandError) in
      let mayGoOn = session.execute(SourceLine(text: line, origin: .lesson))
      if opensPrompt, mayGoOn { PromptLoop(session: session).run() }
    }
  }
}

/// `kernelarium bench`.
struct BenchSubcommand: ProgramCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", _superCommandName: "kernelarium", abstract: "Measure the program on this computer.")

  @Argument(help: "`machine` for the machine alone, compared with QEMU; otherwise everything else.")
  var words: [String] = []

  @OptionGroup var options: ProgramOptions

  func perform() -> ExitStatus {
    SessionRun(options: options, isInteractive: false).perform { session throws(CommandError) in
      session.execute(SourceLine(text: (["bench"] + words.map(\.asArgument)).joined(separator: " "), origin: .lesson))
    }
  }
}

/// A session from its start to its exit status.
struct SessionRun {
  let options: ProgramOptions
  let isInteractive: Bool

  /// Makes the session, does the work, ends the session.
  func perform(_ work: (Session) throws(CommandError) -> Void) -> ExitStatus {
    let session: Session
    do {
      session = try options.makeSession(isInteractive: isInteractive)
    } catch {
      let renderer = Renderer(usesColor: options.usesColor(on: STDERR_FILENO), isASCII: options.ascii)
      Output(renderer: renderer, errorRenderer: renderer).writeError(ErrorText.text(error, in: nil))
      return .usage
    }
    UserInterrupt.shared.install(stopping: session.laboratory.stopSignal)
    var usageError = false
    do {
      try work(session)
    } catch {
      session.report(error, in: nil)
      // What cannot even be read as a script was named wrongly on the command line.
      usageError = error.code == .badFile
      if !usageError { session.verdict.note(error) }
    }
    session.finish()
    if usageError { return .usage }
    // At a terminal, errors have been seen and dealt with.
    return isInteractive ? .fine : session.verdict.status
  }
}

extension String {
  /// The text as one argument of a command line: quoted where it has to be.
  fileprivate var asArgument: String {
    if let tokens = try? Tokenizer.tokens(of: self), tokens.count == 1, tokens[0].text == self { return self }
    return Quoting.quoted(self)
  }
}
