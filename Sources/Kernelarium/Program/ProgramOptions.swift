// The program's own flags, shared by all sub-commands.

import ArgumentParser
import Glibc

/// When output is coloured.
enum ColorChoice: String, ExpressibleByArgument, CaseIterable {
  case auto
  case always
  case never
}

/// What a run may be expected to end in.
enum ExpectedEnd: String, ExpressibleByArgument, CaseIterable {
  case panic
}

/// Flags that every way of starting the program accepts.
struct ProgramOptions: ParsableArguments {
  @Flag(name: .long, help: "Print one JSON object a line for each command.")
  var json = false

  @ArgumentParser.Option(
    name: .long, help: "What pseudo-random choices start from.", transform: ProgramOptions.number)
  var seed: UInt64?

  @Flag(name: .long, help: "Go on after an error.")
  var keepGoing = false

  @ArgumentParser.Option(
    name: .long, help: "Instructions that one command may take, for example 5M.", transform: ProgramOptions.number)
  var limit: UInt64?

  @ArgumentParser.Option(name: .long, help: ArgumentHelp("Keep everything typed and printed.", valueName: "file"))
  var transcript: String?

  @ArgumentParser.Option(name: .long, help: "When to use colour.")
  var color = ColorChoice.auto

  @Flag(name: .long, help: "Print nothing but ASCII.")
  var ascii = false

  @Flag(name: .long, help: "Print results only: no hints, notes or progress.")
  var quiet = false

  @ArgumentParser.Option(name: .long, help: "Succeed only if a guest panics.")
  var expect: ExpectedEnd?

  private static func number(_ text: String) throws -> UInt64 {
    do {
      return try NumberLiteral.parse(text, suffixes: .decimal)
    } catch {
      throw ValidationError(error.explanation(of: text) + "; for example 5M or 200_000")
    }
  }

  func validate() throws {
    if limit == 0 { throw ValidationError("--limit must be at least 1 instruction") }
  }

  /// Whether a stream gets colours.
  func usesColor(on descriptor: Int32) -> Bool {
    switch color {
    case .always: true
    case .never: false
    case .auto:
      isatty(descriptor) == 1 && StateFolder.environment("NO_COLOR") == nil
        && StateFolder.environment("TERM").map { $0 != "dumb" } ?? false
    }
  }

  /// A session with these flags.
  func makeSession(isInteractive: Bool) throws(CommandError) -> Session {
    let output = Output(
      renderer: Renderer(usesColor: usesColor(on: STDOUT_FILENO), isASCII: ascii),
      errorRenderer: Renderer(usesColor: usesColor(on: STDERR_FILENO), isASCII: ascii))
    if let transcript { try output.startTranscript(at: transcript) }
    var settings = Settings()
    settings.json = json
    settings.quiet = quiet
    if let seed { settings.seed = seed }
    settings.studentSeed = seed
    let session = Session(
      output: output, settings: settings, isInteractive: isInteractive, keepsGoing: keepGoing,
      expectsPanic: expect == .panic)
    if let limit { session.laboratory.limit = limit }
    return session
  }
}
