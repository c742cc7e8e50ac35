// What an error number means, in the words that programs print.
//
// Callers must pass a negative result; anything else has no error to explain.

/// The text for a negated error number.
func errorText(_ result: Int64) -> StaticString {
  switch ErrorCode(rawValue: 0 &- result) {
  case .notPermitted: "operation not permitted"
  case .notFound: "no such file or directory"
  case .noSuchTask: "no such task"
  case .inputOutput: "input/output error"
  case .badDescriptor: "bad file descriptor"
  case .noChild: "no child to wait for"
  case .tryAgain: "try again"
  case .noMemory: "out of memory"
  case .accessDenied: "permission denied"
  case .badAddress: "bad address"
  case .busy: "busy"
  case .exists: "already exists"
  case .notDirectory: "not a directory"
  case .isDirectory: "is a directory"
  case .invalid: "invalid argument"
  case .tooManyOpenFiles: "too many open files"
  case .fileTooLarge: "file too large"
  case .noSpace: "no space left on the disk"
  case .nameTooLong: "name too long"
  case .notImplemented: "not implemented in this structure"
  case .directoryNotEmpty: "directory not empty"
  case .serverDied: "the server died during the request"
  case .timedOut: "timed out"
  case nil: "unknown error"
  }
}
