// The error numbers that every service returns, negated, in every structure.
//
// Callers must not invent numbers: what is not in this list cannot cross an interface.

/// Why a service refused or failed, with the number that POSIX's Linux binding gives it.
///
/// A C-ABI entry point returns a non-negative result or the negated raw value.
public enum ErrorCode: Int64, CaseIterable, Error, Sendable {
  case notPermitted = 1
  case notFound = 2
  case noSuchTask = 3
  case inputOutput = 5
  case badDescriptor = 9
  case noChild = 10
  case tryAgain = 11
  case noMemory = 12
  case accessDenied = 13
  case badAddress = 14
  case busy = 16
  case exists = 17
  /// The two paths lie in different file systems.
  case otherFileSystem = 18
  case notDirectory = 20
  case isDirectory = 21
  case invalid = 22
  case tooManyOpenFiles = 24
  case fileTooLarge = 27
  case noSpace = 28
  /// Nothing can be changed there.
  case readOnly = 30
  case brokenPipe = 32
  case nameTooLong = 36
  case notImplemented = 38
  case directoryNotEmpty = 39
  case noNetwork = 64
  /// There are no processes here: the application is the whole system.
  case oneApplication = 95
  case addressInUse = 98
  /// The other side has broken the connection.
  case connectionAborted = 103
  /// The server died or was restarted while it worked on the request; the request may be repeated.
  case serverDied = 104
  case timedOut = 110
  case connectionRefused = 111
  case hostUnreachable = 113

  /// The value that a C-ABI entry point returns for this error.
  public var result: Int64 { -rawValue }

  /// What happened, in the words that programs print.
  public var explanation: StaticString {
    switch self {
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
    case .otherFileSystem: "not in the same file system"
    case .notDirectory: "not a directory"
    case .isDirectory: "is a directory"
    case .invalid: "invalid argument"
    case .tooManyOpenFiles: "too many open files"
    case .fileTooLarge: "file too large"
    case .noSpace: "no space left on the disk"
    case .readOnly: "read-only file system"
    case .brokenPipe: "nobody reads from the pipe"
    case .nameTooLong: "name too long"
    case .notImplemented: "not implemented in this structure"
    case .directoryNotEmpty: "directory not empty"
    case .noNetwork: "no network adapter"
    case .oneApplication: "one application per machine: start another virtual machine instead"
    case .addressInUse: "port in use"
    case .connectionAborted: "connection broken by the other side"
    case .serverDied: "the server died during the request"
    case .timedOut: "timed out"
    case .connectionRefused: "connection refused"
    case .hostUnreachable: "nobody answers to this address"
    }
  }
}

#if !hasFeature(Embedded)
  extension ErrorCode {
    /// The error behind a negative result; nil for a success or an unknown number.
    public init?(result: Int64) {
      guard result < 0 else { return nil }
      self.init(rawValue: -result)
    }

    /// The symbolic name that strace prints, such as `ENOENT`.
    public var name: String {
      switch self {
      case .notPermitted: "EPERM"
      case .notFound: "ENOENT"
      case .noSuchTask: "ESRCH"
      case .inputOutput: "EIO"
      case .badDescriptor: "EBADF"
      case .noChild: "ECHILD"
      case .tryAgain: "EAGAIN"
      case .noMemory: "ENOMEM"
      case .accessDenied: "EACCES"
      case .badAddress: "EFAULT"
      case .busy: "EBUSY"
      case .exists: "EEXIST"
      case .otherFileSystem: "EXDEV"
      case .notDirectory: "ENOTDIR"
      case .isDirectory: "EISDIR"
      case .invalid: "EINVAL"
      case .tooManyOpenFiles: "EMFILE"
      case .fileTooLarge: "EFBIG"
      case .noSpace: "ENOSPC"
      case .readOnly: "EROFS"
      case .brokenPipe: "EPIPE"
      case .nameTooLong: "ENAMETOOLONG"
      case .notImplemented: "ENOSYS"
      case .directoryNotEmpty: "ENOTEMPTY"
      case .noNetwork: "ENONET"
      case .oneApplication: "EOPNOTSUPP"
      case .addressInUse: "EADDRINUSE"
      case .connectionAborted: "ECONNABORTED"
      case .serverDied: "ECONNRESET"
      case .timedOut: "ETIMEDOUT"
      case .connectionRefused: "ECONNREFUSED"
      case .hostUnreachable: "EHOSTUNREACH"
      }
    }
  }
#endif
