// The exit statuses of the program: part of its interface, so scripts may rely on the numbers.

/// What the process tells its parent.
enum ExitStatus: Int32, Sendable {
  case fine = 0
  /// A check or assertion failed, or an expected panic did not come.
  case checkFailed = 1
  /// The program's own flags are wrong.
  case usage = 2
  /// A command cannot be parsed or failed.
  case commandFailed = 3
  case guestPanicked = 4
  /// The instruction limit was used up, or the guest hangs.
  case guestHung = 5
  case internalError = 6
  case interrupted = 130
}

/// The exit status of a run of commands: what went wrong first decides.
struct ExitVerdict: Sendable {
  /// Whether a panic is what the user asked for (`--expect panic`).
  let expectsPanic: Bool
  private var first: ExitStatus = .fine
  private var sawPanic = false

  init(expectsPanic: Bool = false) { self.expectsPanic = expectsPanic }

  /// Takes note of what one command came to.
  mutating func note(_ outcome: CommandResult.Outcome) {
    switch outcome {
    case .fine: break
    case .panicked:
      sawPanic = true
      if !expectsPanic { record(.guestPanicked) }
    case .hung: record(.guestHung)
    case .checkFailed: record(.checkFailed)
    case .interrupted: record(.interrupted)
    }
  }

  /// Takes note of a command that failed.
  mutating func note(_ error: CommandError) {
    switch error.code {
    case .interrupted: record(.interrupted)
    case .checkFailed: record(.checkFailed)
    case .limit: record(.guestHung)
    default: record(.commandFailed)
    }
  }

  private mutating func record(_ status: ExitStatus) {
    // An interruption ends everything and is what the parent asked about.
    if first == .fine || status == .interrupted { first = status }
  }

  /// The status to exit with.
  var status: ExitStatus {
    if first == .fine, expectsPanic, !sawPanic { return .checkFailed }
    return first
  }
}
