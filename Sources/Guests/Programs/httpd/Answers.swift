// Answers: a header and a page made here, or a file.

import Interfaces

/// What was answered, for the log.
struct Answer {
  let status: StaticString
  /// Of the body.
  let bytes: UInt64
}

private var connection: Bytes { ("connection" as StaticString).bytes }

/// Text of up to 512 bytes; what does not fit is left out.
struct Page {
  private var text = InlineArray<512, UInt8>(repeating: 0)
  private var count = 0

  mutating func write(_ bytes: Bytes) {
    for byte in bytes where count < 512 {
      text[count] = byte
      count += 1
    }
  }

  mutating func write(_ text: StaticString) { write(text.bytes) }

  mutating func write(_ number: UInt64) {
    if number >= 10 { write(number / 10) }
    guard count < 512 else { return }
    text[count] = UInt8(ascii: "0") + UInt8(number % 10)
    count += 1
  }

  private mutating func flush(to descriptor: UInt64) throws(Complaint) {
    try check(writeAll(descriptor, &text, count: count), connection)
  }

  /// Sends it as the body of an answer.
  mutating func send(status: StaticString, kind: StaticString, to descriptor: UInt64) throws(Complaint) -> Answer {
    try Self.sendHeader(status: status, kind: kind, length: UInt64(count), to: descriptor)
    try flush(to: descriptor)
    return Answer(status: status, bytes: UInt64(count))
  }

  static func sendHeader(
    status: StaticString, kind: StaticString, length: UInt64, to descriptor: UInt64
  ) throws(Complaint) {
    var header = Page()
    header.write("HTTP/1.1 ")
    header.write(status)
    header.write("\r\nServer: kernelarium\r\nContent-Type: ")
    header.write(kind)
    header.write("; charset=utf-8\r\nContent-Length: ")
    header.write(length)
    header.write("\r\nConnection: close\r\n\r\n")
    try header.flush(to: descriptor)
  }
}

/// A file below the server's folder.
struct File {
  private let path: FilePath
  private let size: UInt64
  private let isMarkup: Bool

  /// Nil when there is no such file.
  init?(_ path: Bytes) throws(Complaint) {
    // A path must not lead out of the folder.
    for index in 1..<max(path.count, 1) where path[index] == UInt8(ascii: ".") && path[index - 1] == UInt8(ascii: ".") {
      return nil
    }
    guard var full = FilePath(path) else { return nil }
    var status = FileStatus(kind: 0, size: 0, inode: 0)
    let result = full.withBytes { sys_stat($0.start, $0.length, &status) }
    if result == ErrorCode.notFound.result || result == ErrorCode.notDirectory.result { return nil }
    try check(result, path)
    guard status.kind == 1 else { return nil }
    isMarkup = full.endsInMarkup
    self.path = full
    size = status.size
  }

  func send(to descriptor: UInt64) throws(Complaint) -> Answer {
    var path = path
    let opened = path.withBytes { sys_open($0.start, $0.length, 0) }
    let file = UInt64(try check(opened, connection))
    defer { _ = sys_close(file) }
    try Page.sendHeader(
      status: "200 OK", kind: isMarkup ? "text/html" : "text/plain", length: size, to: descriptor)
    var buffer = InlineArray<1024, UInt8>(repeating: 0)
    var sent: UInt64 = 0
    while sent < size {
      let count = try check(sys_read(file, &buffer, min(1024, size - sent)), connection)
      guard count > 0 else { throw Complaint(connection, "the file has become shorter") }
      try check(writeAll(descriptor, &buffer, count: Int(count)), connection)
      sent += UInt64(count)
    }
    return Answer(status: "200 OK", bytes: sent)
  }
}

/// The path of a file: the server's folder, the path asked for, and the index of a folder.
private struct FilePath {
  private var bytes = InlineArray<255, UInt8>(repeating: 0)
  private var count = 0

  init?(_ path: Bytes) {
    guard append(("/www" as StaticString).bytes), append(path) else { return nil }
    if path[path.count - 1] == UInt8(ascii: "/"), !append(("index.html" as StaticString).bytes) { return nil }
  }

  private mutating func append(_ text: Bytes) -> Bool {
    guard count + text.count <= 255 else { return false }
    for byte in text {
      bytes[count] = byte
      count += 1
    }
    return true
  }

  mutating func withBytes(_ body: (Bytes) -> Int64) -> Int64 {
    let length = count
    return withUnsafeBytes(of: &bytes) {
      body(Bytes(rebasing: $0.assumingMemoryBound(to: UInt8.self)[0..<length]))
    }
  }

  /// Whether a browser should show it as a page.
  var endsInMarkup: Bool {
    mutating get {
      let ending: StaticString = ".html"
      guard count >= 5 else { return false }
      for index in 0..<5 where bytes[count - 5 + index] != ending.utf8Start[index] { return false }
      return true
    }
  }
}
