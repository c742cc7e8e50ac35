// The program's grammar for the linter of lessons: lines are parsed as at the prompt, and never run. What depends on a
// system that is not there, such as a symbol's name, counts as right.

import Lessons

/// The grammar of this program.
struct SessionCommandGrammar: CommandGrammar {
  /// A session without a system.
  private let session: Session

  init(output: Output) { session = Session(output: output) }

  func problem(in line: String) -> CommandProblem? {
    let source = SourceLine(text: line, origin: .lesson)
    do {
      let parsed = try ParsedLine(parsing: source)
      if parsed.isEmpty { return nil }
      let match = try session.lookup.match(parsed.tokens, in: source)
      _ = try Arguments(
        parsed.tokens[match.consumed...], format: parsed.format, of: match.command, source: source, in: session,
        tolerating: { parameter, error in
          dependsOnSystems(error) || error.code == .unknownName && !isSlip(error, for: parameter, in: line)
        })
      return nil
    } catch {
      return CommandProblem(offset: error.span?.start ?? 0, message: error.message, suggestion: error.hint)
    }
  }

  func name(of line: String) -> String? {
    let source = SourceLine(text: line, origin: .lesson)
    guard let parsed = try? ParsedLine(parsing: source), !parsed.isEmpty,
      let match = try? session.lookup.match(parsed.tokens, in: source)
    else { return nil }
    return match.command.name
  }

  func isFirstWord(_ word: String) -> Bool { session.lookup.isFirstWord(word) }

  /// Whether an unknown name resembles a known one; any other may be known to a system that is booted.
  private func isSlip(_ error: CommandError, for parameter: any CommandParameter, in line: String) -> Bool {
    guard let span = error.span else { return true }
    let name = String(line.dropFirst(span.start).prefix(span.length))
    return NearestMatch.nearest(to: name, among: parameter.candidates(for: "", in: session)) != nil
  }

  private func dependsOnSystems(_ error: CommandError) -> Bool {
    switch error.code {
    case .noSystem, .wrongState, .notAvailable, .badFile, .badAddress, .machine, .guestContract, .limit: true
    default: false
    }
  }
}
