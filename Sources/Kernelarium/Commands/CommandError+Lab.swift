// The laboratory's errors as errors of the command line.

import Lab

extension CommandError {
  /// An error of the laboratory, with the place in the line that it is about.
  init(_ error: LabError, at span: SourceSpan? = nil) {
    self.init(Code(error.code), error.message, hint: error.hint, at: span)
  }
}

extension CommandError.Code {
  fileprivate init(_ code: LabError.Code) {
    self =
      switch code {
      case .noSystem: .noSystem
      case .notAvailable: .notAvailable
      case .badFile: .badFile
      case .badArgument: .invalidArgument
      case .unknownName: .unknownName
      case .badAddress: .badAddress
      case .wrongState: .wrongState
      case .guestContract: .guestContract
      case .machine: .machine
      }
  }
}

/// Runs an operation of the laboratory as part of a command.
func attempt<Value>(
  at span: SourceSpan? = nil, _ operation: () throws(LabError) -> Value
) throws(CommandError) -> Value {
  do {
    return try operation()
  } catch {
    throw CommandError(error, at: span)
  }
}
