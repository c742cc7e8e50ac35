// The server side of the Hypertext Transfer Protocol (RFC 9112), as far as fetching fixed pages goes: one request a
// connection, then the connection is closed.

/// Fixed pages and how to ask for them.
struct HTTPResponder: Sendable {
  static let port: UInt16 = 80

  private static let endOfHeader: [UInt8] = Array("\r\n\r\n".utf8)

  private let pages: [String: String]

  init(pages: [String: String]) {
    self.pages = pages
  }

  /// The answer to a request, or nil while the request is not complete.
  ///
  /// - Parameters:
  ///   - request: What has been received so far.
  ///   - isAll: Whether nothing more can be received.
  func response(to request: [UInt8], isAll: Bool) -> [UInt8]? {
    guard let end = Self.endOfHeader(in: request) else {
      return isAll ? response("400 Bad Request", body: "Expected a request that ends in an empty line.\n") : nil
    }
    let line = request[..<end].prefix { $0 != 13 && $0 != 10 }
    let words = line.split(separator: 32).map { String(decoding: $0, as: UTF8.self) }
    guard words.count == 3, words[2].hasPrefix("HTTP/1.") else {
      return response("400 Bad Request", body: "Expected `METHOD PATH HTTP/1.1`.\n")
    }
    guard words[0] == "GET" || words[0] == "HEAD" else {
      return response("405 Method Not Allowed", header: "Allow: GET, HEAD\r\n", body: "Expected GET or HEAD.\n")
    }
    let path = String(words[1].prefix { $0 != "?" })
    guard let page = pages[path] else {
      let known = pages.keys.sorted().joined(separator: " ")
      return response("404 Not Found", body: "There is no such page here. Pages: \(known)\n")
    }
    return response("200 OK", body: page, hasBody: words[0] == "GET")
  }

  private func response(_ status: String, header: String = "", body: String, hasBody: Bool = true) -> [UInt8] {
    let head =
      "HTTP/1.1 \(status)\r\nServer: kernelarium\r\nContent-Type: text/plain; charset=utf-8\r\n"
      + "Content-Length: \(body.utf8.count)\r\nConnection: close\r\n\(header)\r\n"
    return Array((head + (hasBody ? body : "")).utf8)
  }

  private static func endOfHeader(in request: [UInt8]) -> Int? {
    guard request.count >= endOfHeader.count else { return nil }
    return (0...request.count - endOfHeader.count).first { start in
      request[start] == 13 && Array(request[start..<start + endOfHeader.count]) == endOfHeader
    }
  }
}
