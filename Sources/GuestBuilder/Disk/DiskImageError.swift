// What can be wrong with a folder that is to become a disk image.

/// Why no disk image could be made.
public enum DiskImageError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A file or folder cannot be read.
  case unreadable(path: String, reason: String)
  /// The path names something else than a folder.
  case notAFolder(path: String)
  /// The folder contains something that is neither a file nor a folder.
  case unsupportedKind(path: String)
  /// A name has more bytes than a directory entry holds.
  case nameTooLong(path: String, bytes: Int, limit: Int)
  /// No file system fits into the size, or the format does not reach so far.
  case invalidSize(bytes: Int, minimum: Int, maximum: Int)
  /// A file or folder does not fit any more.
  case full(path: String, sizeInBytes: Int)

  /// What was wrong, where, and one thing to try.
  public var description: String {
    switch self {
    case .unreadable(let path, let reason):
      "disk image: cannot read \(path): \(reason); check that it exists and is readable"
    case .notAFolder(let path):
      "disk image: \(path) is not a folder; give the folder whose files the disk is to hold"
    case .unsupportedKind(let path):
      "disk image: \(path) is neither a file nor a folder; replace it by a file or remove it"
    case .nameTooLong(let path, let bytes, let limit):
      "disk image: the name of \(path) has \(bytes) bytes, the file system holds \(limit); shorten it"
    case .invalidSize(let bytes, let minimum, let maximum):
      "disk image: a size of \(bytes) bytes is outside \(minimum)…\(maximum) or not a multiple of 4096; choose another"
    case .full(let path, let size):
      "disk image: \(path) does not fit on a disk of \(size) bytes; choose a larger size"
    }
  }
}
