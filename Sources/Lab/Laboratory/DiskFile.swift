// Reading and writing the files that disks are made from.
//
// Plain system calls, so that each way of failing gets its own message.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif
import Machine

enum DiskFile {
  /// A disk larger than this is taken for a mistake.
  private static let maximumBytes = 1 << 30

  /// All bytes of a file.
  static func read(_ path: String) throws(LabError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure("cannot read", path) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw failure("cannot read", path) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      let kind = status.st_mode & S_IFMT == S_IFDIR ? "a directory" : "no regular file"
      throw LabError(.badFile, "\(path) is \(kind); a disk is a file of 512-byte sectors", hint: "name a file")
    }
    let size = Int(status.st_size)
    guard size <= maximumBytes else {
      throw LabError(
        .badFile, "\(path) has \(size) bytes; a disk may have at most \(maximumBytes)", hint: "use a smaller image")
    }
    var bytes = [UInt8](repeating: 0, count: size)
    var done = 0
    while done < size {
      let count = bytes.withUnsafeMutableBytes { Self.read(descriptor, into: $0, from: done) }
      guard count > 0 else {
        guard count < 0 else { break }
        throw failure("cannot read", path)
      }
      done += count
    }
    return Array(bytes.prefix(done))
  }

  private static func read(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer, from offset: Int) -> Int {
    guard let start = buffer.baseAddress else { return 0 }
    return pread(descriptor, start + offset, buffer.count - offset, off_t(offset))
  }

  /// Writes sectors at their places.
  static func write(_ sectors: [(number: UInt64, bytes: [UInt8])], to path: String) throws(LabError) {
    guard !sectors.isEmpty else { return }
    let descriptor = open(path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure("cannot write", path) }
    defer { close(descriptor) }
    for sector in sectors {
      let offset = off_t(sector.number) * off_t(DiskImage.sectorSize)
      let count = sector.bytes.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, offset) }
      guard count == sector.bytes.count else { throw failure("cannot write", path) }
    }
    guard fsync(descriptor) == 0 else { throw failure("cannot write", path) }
  }

  private static func failure(_ what: String, _ path: String) -> LabError {
    LabError(
      .badFile, "\(what) \(path): \(String(cString: strerror(errno)))", hint: "check the path and its permissions")
  }
}
