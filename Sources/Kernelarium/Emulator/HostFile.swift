// Files that the emulator reads images from and writes disks, captures and traces to: whole files and plain system calls,
// so that every way of failing gets its own message.

import Glibc

/// Reads and writes whole files.
enum HostFile {
  /// A file larger than this is taken for a mistake.
  private static let largestSize = 4 << 30

  /// All bytes of a file.
  ///
  /// - Parameters:
  ///   - path: Where the file is.
  ///   - purpose: What it is to be used as, for error messages, such as "the kernel".
  static func read(_ path: String, as purpose: String) throws(CommandError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure("cannot read \(purpose) \(path)") }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw failure("cannot read \(purpose) \(path)") }
    guard status.st_mode & S_IFMT == S_IFREG else {
      let kind = status.st_mode & S_IFMT == S_IFDIR ? "a directory" : "no regular file"
      throw CommandError(.badFile, "\(purpose) \(path) is \(kind)", hint: "name a file")
    }
    let size = Int(status.st_size)
    guard size <= largestSize else {
      throw CommandError(
        .badFile,
        "\(purpose) \(path) has \(NumberStyle.bytes(size)); at most \(NumberStyle.bytes(largestSize)) can be used",
        hint: "use a smaller file")
    }
    var bytes = [UInt8](repeating: 0, count: size)
    var done = 0
    while done < size {
      let count = bytes.withUnsafeMutableBytes { buffer in
        let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
        return Glibc.read(descriptor, rest.baseAddress, rest.count)
      }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw failure("cannot read \(purpose) \(path)") }
      guard count > 0 else { break }
      done += count
    }
    return Array(bytes.prefix(done))
  }

  /// Opens a file for writing, emptied.
  static func create(_ path: String, as purpose: String) throws(CommandError) -> Int32 {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw failure("cannot write \(purpose) \(path)") }
    return descriptor
  }

  /// Writes a whole file, replacing it.
  static func write(_ bytes: [UInt8], to path: String, as purpose: String) throws(CommandError) {
    let descriptor = try create(path, as: purpose)
    defer { close(descriptor) }
    let result = bytes.withUnsafeBytes { Output.writeAll($0, to: descriptor) }
    guard result == 0 else { throw failure("cannot write \(purpose) \(path)", result) }
  }

  /// Writes blocks of bytes at their places in a file that exists.
  static func write(_ blocks: [(offset: Int, bytes: [UInt8])], into path: String) throws(CommandError) {
    let descriptor = open(path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure("cannot write the disk \(path)") }
    defer { close(descriptor) }
    for block in blocks {
      let count = block.bytes.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, off_t(block.offset)) }
      guard count == block.bytes.count else { throw failure("cannot write the disk \(path)") }
    }
    guard fsync(descriptor) == 0 else { throw failure("cannot write the disk \(path)") }
  }

  private static func failure(_ what: String, _ number: Int32 = errno) -> CommandError {
    CommandError(.badFile, "\(what): \(SystemMessage.text(number))", hint: "check the path and its permissions")
  }
}
