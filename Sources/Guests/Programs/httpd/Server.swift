// A server of files by HTTP: those below /www, and a page about itself at /status.
//
// One connection at a time, one request a connection: others wait in the network service's queue.

import Interfaces

/// What has been served so far.
private struct PageServer {
  var requests: UInt64 = 0
  var bytes: UInt64 = 0
  let listener: UInt64

  /// Waits for a connection and answers its request; what goes wrong on the way ends that connection only.
  mutating func serveOne(_ program: inout Program) throws(Complaint) {
    let descriptor = UInt64(try check(sys_accept(listener), ("accept" as StaticString).bytes))
    do throws(Complaint) {
      var request = Request()
      try request.read(descriptor)
      try request.withPath { path throws(Complaint) in
        let answer = try answer(path, to: descriptor)
        requests += 1
        bytes += answer.bytes
        log(path, answer, &program.output)
      }
    } catch {
      program.warn(error)
    }
    _ = sys_close(descriptor)
  }

  private func answer(_ path: Bytes, to descriptor: UInt64) throws(Complaint) -> Answer {
    if path.equals("/status") {
      var page = Page()
      page.write(requests)
      page.write(" requests answered, ")
      page.write(bytes)
      page.write(" bytes sent\n")
      return try page.send(status: "200 OK", kind: "text/plain", to: descriptor)
    }
    guard let file = try File(path) else {
      var page = Page()
      page.write("There is no such page here.\n")
      return try page.send(status: "404 Not Found", kind: "text/plain", to: descriptor)
    }
    return try file.send(to: descriptor)
  }

  private func log(_ path: Bytes, _ answer: Answer, _ output: inout TextOutput) {
    output.write("GET ")
    output.write(path)
    output.write(" ")
    output.write(answer.status)
    output.write(" ")
    output.write(answer.bytes)
    output.write("\n")
  }
}

/// Serves on the port in the first argument, or 80, as many requests as the second says, or for ever.
@c @implementation
public func program_main(_ arguments: UnsafePointer<UInt8>, _ length: UInt64) -> Int64 {
  var program = Program("httpd", arguments, length)
  do throws(Complaint) {
    let usage: StaticString = "usage: httpd [PORT [REQUESTS]]"
    let portWord = try program.argument() ?? ("80" as StaticString).bytes
    let countWord = try program.argument() ?? ("0" as StaticString).bytes
    try program.endOfArguments(usage: usage)
    guard let port = portWord.decimal, port > 0, port <= 65535 else {
      throw Complaint(portWord, "not a port, a number from 1 to 65535")
    }
    guard let count = countWord.decimal else { throw Complaint(countWord, "not a number") }
    var service = PageServer(listener: UInt64(try check(sys_listen(port), portWord)))
    let address = UInt64(try check(sys_address(), portWord))
    program.output.write("httpd: http://")
    program.output.write(address: address)
    program.output.write(":")
    program.output.write(port)
    program.output.write("/\n")
    while count == 0 || service.requests < count { try service.serveOne(&program) }
    _ = sys_close(service.listener)
  } catch {
    program.complain(error)
  }
  return program.finish()
}
