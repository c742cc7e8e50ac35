// Sends echoes to an address and prints how long each took there and back.
//
// It fails when none came back.

import Interfaces

/// The echoes of one run.
private struct Echoes {
  var sent: UInt64 = 0
  var received: UInt64 = 0
  var microseconds: UInt64 = 0

  mutating func send(to address: UInt64, _ output: inout TextOutput) throws(Complaint) {
    sent += 1
    let result = sys_ping(address)
    let isLost = result == ErrorCode.timedOut.result || result == ErrorCode.hostUnreachable.result
    if !isLost { try check(result, ("echo" as StaticString).bytes) }
    output.write("echo ")
    output.write(sent)
    output.write(" from ")
    output.write(address: address)
    output.write(": ")
    if isLost {
      output.write(errorText(result))
      output.write("\n")
      return
    }
    let time = UInt64(result)
    received += 1
    microseconds += time
    output.write(time)
    output.write(" us\n")
  }

  func summarize(_ output: inout TextOutput) {
    output.write(sent)
    output.write(" sent, ")
    output.write(received)
    output.write(" received")
    if received > 0 {
      output.write(", ")
      output.write(microseconds / received)
      output.write(" us on average")
    }
    output.write("\n")
  }
}

/// Sends as many echoes as the second argument says, or three.
@c @implementation
public func program_main(_ arguments: UnsafePointer<UInt8>, _ length: UInt64) -> Int64 {
  var program = Program("ping", arguments, length)
  do throws(Complaint) {
    let usage: StaticString = "usage: ping ADDRESS [COUNT]"
    let word = try program.argument(usage: usage)
    let countWord = try program.argument() ?? ("3" as StaticString).bytes
    try program.endOfArguments(usage: usage)
    guard let address = word.internetAddress else { throw Complaint(word, "not an address, such as 10.0.2.2") }
    guard let count = countWord.decimal, count > 0 else { throw Complaint(countWord, "not a number from 1 on") }
    var echoes = Echoes()
    while echoes.sent < count { try echoes.send(to: address, &program.output) }
    echoes.summarize(&program.output)
    guard echoes.received > 0 else { throw Complaint(word, "no echo came back") }
  } catch {
    program.complain(error)
  }
  return program.finish()
}
