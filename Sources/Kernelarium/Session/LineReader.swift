// Reads a script line by line from a file descriptor, so that a pipe's lines run as they arrive. It does not interpret
// the lines.

import Glibc

/// Lines of UTF-8 text from a file descriptor.
final class LineReader {
  /// The longest line that is accepted, in bytes; more is no script.
  static let longestLine = 64 * 1024

  private let descriptor: Int32
  private let closesDescriptor: Bool
  private let name: String
  private var buffer: [UInt8] = []
  private var isAtEnd = false
  /// The number of the line last returned, from 1.
  private(set) var lineNumber = 0

  /// Reads from standard input.
  init(standardInput name: String) {
    self.name = name
    descriptor = STDIN_FILENO
    closesDescriptor = false
  }

  /// Opens a file.
  init(path: String) throws(CommandError) {
    name = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    closesDescriptor = true
    if descriptor < 0 {
      throw CommandError(.badFile, "cannot read \(path): \(SystemMessage.text(errno))", hint: "check the path")
    }
    var status = stat()
    if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
      throw CommandError(.badFile, "\(path) is a directory, not a script", hint: "name a file of commands")
    }
  }

  deinit {
    if closesDescriptor { close(descriptor) }
  }

  /// The next line without its end, or nil at the end of the input.
  func next() throws(CommandError) -> String? {
    while true {
      if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
        defer { buffer.removeSubrange(...end) }
        return try text(buffer[..<end])
      }
      if isAtEnd {
        if buffer.isEmpty { return nil }
        defer { buffer = [] }
        return try text(buffer[...])
      }
      if buffer.count > Self.longestLine {
        throw CommandError(
          .syntax, "\(name):\(lineNumber + 1): a line of more than \(Self.longestLine) bytes",
          hint: "is this a file of commands?")
      }
      try fill()
    }
  }

  /// Bytes that have not been returned as lines, read if there are none; empty at the end of the input.
  func readBytes() -> [UInt8] {
    while buffer.isEmpty, !isAtEnd {
      do { try fill() } catch { return [] }
    }
    defer { buffer = [] }
    return buffer
  }

  private func fill() throws(CommandError) {
    var chunk = [UInt8](repeating: 0, count: 16 * 1024)
    let count = read(descriptor, &chunk, chunk.count)
    if count > 0 {
      buffer += chunk[..<count]
    } else if count == 0 {
      isAtEnd = true
    } else if errno == EINTR {
      if UserInterrupt.shared.isRequested { throw CommandError(.interrupted, "interrupted") }
    } else {
      throw CommandError(.badFile, "cannot read \(name): \(SystemMessage.text(errno))", hint: "check the file")
    }
  }

  private func text(_ bytes: ArraySlice<UInt8>) throws(CommandError) -> String {
    lineNumber += 1
    let line = bytes.last == UInt8(ascii: "\r") ? bytes.dropLast() : bytes
    guard let text = String(validating: line, as: UTF8.self) else {
      throw CommandError(
        .syntax, "\(name):\(lineNumber): this is not UTF-8 text", hint: "is this a file of commands?")
    }
    return text
  }
}
