// Fetches a page by HTTP and prints its body.
//
// It asks for one page and lets the server close the connection; redirections are not followed.

import Interfaces

/// Where a page is.
private struct Location {
  let address: UInt64
  var port: UInt64 = 80
  /// With the slash in front.
  let path: Bytes

  /// Reads `[http://]ADDRESS[:PORT][/PATH]`.
  init(_ text: Bytes) throws(Complaint) {
    let scheme = ("http://" as StaticString).bytes
    var start = 0
    while start < scheme.count, start < text.count, text[start] == scheme[start] { start += 1 }
    if start < scheme.count { start = 0 }
    var end = start
    while end < text.count, text[end] != UInt8(ascii: "/") { end += 1 }
    path = end < text.count ? text.part(end..<text.count) : ("/" as StaticString).bytes
    var colon = start
    while colon < end, text[colon] != UInt8(ascii: ":") { colon += 1 }
    guard let address = text.part(start..<colon).internetAddress else {
      throw Complaint(text, "not a location, such as http://10.0.2.2/hello")
    }
    self.address = address
    guard colon < end else { return }
    guard let port = text.part((colon + 1)..<end).decimal, port > 0, port <= 65535 else {
      throw Complaint(text, "the port is not a number from 1 to 65535")
    }
    self.port = port
  }
}

/// What has been read of an answer.
private struct Answer {
  /// The header's end: how many bytes of CR LF CR LF were seen in a row.
  private var matched = 0
  private var statusPosition = 0
  private(set) var status: UInt64 = 0
  var isInBody: Bool { matched == 4 }

  /// Takes the header's bytes; returns how many of them there were.
  mutating func skipHeader(_ bytes: Bytes) -> Int {
    let ending: StaticString = "\r\n\r\n"
    var count = 0
    while count < bytes.count, !isInBody {
      let byte = bytes[count]
      count += 1
      takeStatus(byte)
      if byte == ending.utf8Start[matched] {
        matched += 1
      } else {
        matched = byte == UInt8(ascii: "\r") ? 1 : 0
      }
    }
    return count
  }

  /// The status are the three digits behind the first space, as in `HTTP/1.1 200 OK`.
  private mutating func takeStatus(_ byte: UInt8) {
    if statusPosition == 0 {
      if byte == UInt8(ascii: " ") { statusPosition = 1 }
    } else if statusPosition <= 3 {
      statusPosition += 1
      guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return }
      status = status * 10 + UInt64(byte - UInt8(ascii: "0"))
    }
  }
}

private func send(_ text: Bytes, to descriptor: UInt64, _ subject: Bytes) throws(Complaint) {
  try check(writeAll(descriptor, text.start, count: text.count), subject)
}

/// Asks for the page and prints the answer's body; the answer's status.
private func fetch(_ location: Location, over descriptor: UInt64, _ subject: Bytes) throws(Complaint) -> UInt64 {
  try send(("GET " as StaticString).bytes, to: descriptor, subject)
  try send(location.path, to: descriptor, subject)
  try send(
    (" HTTP/1.1\r\nHost: kernelarium\r\nConnection: close\r\n\r\n" as StaticString).bytes, to: descriptor, subject)
  var answer = Answer()
  var buffer = InlineArray<1024, UInt8>(repeating: 0)
  while true {
    let count = Int(try check(sys_read(descriptor, &buffer, 1024), subject))
    guard count > 0 else { return answer.status }
    try withUnsafeBytes(of: &buffer) { bytes throws(Complaint) in
      let received = Bytes(rebasing: bytes.assumingMemoryBound(to: UInt8.self)[0..<count])
      let header = answer.skipHeader(received)
      try check(writeAll(1, received.part(header..<count).start, count: count - header), subject)
    }
  }
}

/// Fetches the page that the argument names.
@c @implementation
public func program_main(_ arguments: UnsafePointer<UInt8>, _ length: UInt64) -> Int64 {
  var program = Program("fetch", arguments, length)
  do throws(Complaint) {
    let usage: StaticString = "usage: fetch [http://]ADDRESS[:PORT][/PATH]"
    let word = try program.argument(usage: usage)
    try program.endOfArguments(usage: usage)
    let location = try Location(word)
    let descriptor = UInt64(try check(sys_connect(location.address, location.port), word))
    defer { _ = sys_close(descriptor) }
    switch try fetch(location, over: descriptor, word) {
    case 200: break
    case 404: throw Complaint(word, "the server has no such page")
    case 0: throw Complaint(word, "the server did not answer in HTTP")
    default: throw Complaint(word, "the server refused")
    }
  } catch {
    program.complain(error)
  }
  return program.finish()
}
