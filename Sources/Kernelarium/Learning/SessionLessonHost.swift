// The session as lessons see it: command lines in, text and JSON out. What is asked through `ask` leaves no trace in
// the student's systems.

import Lab
import Lessons

/// Runs a lesson's commands in a session.
struct SessionLessonHost: LessonHost {
  let session: Session

  /// All systems at one moment.
  ///
  /// Unchecked because `Laboratory` is not safe to share: a session and its lesson live on one thread.
  struct Snapshot: @unchecked Sendable {
    fileprivate let laboratory: Laboratory
  }

  func begin(_ machine: LessonMachine) throws(LessonHostError) {
    session.laboratory.adopt(Laboratory())
    session.undoLog = UndoLog()
    session.settings.seed = machine.seed
    session.laboratory.limit = machine.instructionLimit ?? Laboratory.defaultLimit
    guard let kernel = machine.kernel else { return }
    let evaluation = session.evaluate(SourceLine(text: "boot \(kernel)", origin: .lesson))
    if case .failure(let error) = evaluation.outcome {
      throw LessonHostError(error.message + (error.hint.map { "; \($0)" } ?? ""))
    }
  }

  func run(_ line: String) -> CommandOutcome {
    outcome(of: session.evaluate(SourceLine(text: line, origin: .lesson)))
  }

  func ask(_ line: String) -> CommandOutcome {
    let before = session.laboratory.fork()
    let undoLog = session.undoLog
    let settings = session.settings
    let evaluation = session.evaluate(SourceLine(text: line, origin: .lesson))
    session.undoLog = undoLog
    session.settings = settings
    // `use` changes no system, and yet what later commands mean.
    if evaluation.effect != .none || evaluation.command?.group == .systems { session.laboratory.adopt(before) }
    return outcome(of: evaluation)
  }

  func snapshot() -> Snapshot {
    session.undoLog = UndoLog()
    return Snapshot(laboratory: session.laboratory.fork())
  }

  func restore(_ snapshot: Snapshot) {
    session.undoLog = UndoLog()
    session.laboratory.adopt(snapshot.laboratory)
  }

  /// An evaluation as lessons judge it.
  func outcome(of evaluation: Session.Evaluation) -> CommandOutcome {
    let isRepeatable = evaluation.command.map { !$0.usesTerminal } ?? true
    switch evaluation.outcome {
    case .nothing:
      return CommandOutcome(command: evaluation.canonical, ending: .completed, text: "", value: .null)
    case .success(let result):
      let ending: CommandOutcome.Ending =
        switch result.outcome {
        case .fine: .completed
        case .interrupted: .interrupted
        case .panicked, .hung, .checkFailed: .guestStopped
        }
      return CommandOutcome(
        command: evaluation.canonical, ending: ending, text: session.text(of: result, withHint: false).text,
        value: (try? JSONValue(encoding: AnyCommandValue(result.value))) ?? .null, isRepeatable: isRepeatable)
    case .failure(let error):
      return CommandOutcome(
        command: evaluation.canonical,
        ending: error.code == .interrupted ? .interrupted : .refused(message: error.message),
        text: ErrorText.text(error, in: nil).text, value: .null)
    }
  }
}

/// A value whose type is not known to the encoder's caller.
private struct AnyCommandValue: Encodable {
  let value: any CommandValue

  init(_ value: any CommandValue) { self.value = value }

  func encode(to encoder: any Encoder) throws { try value.encode(to: encoder) }
}
