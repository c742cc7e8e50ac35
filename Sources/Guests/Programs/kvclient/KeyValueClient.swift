// Talks to the key-value service, whoever runs it: a server or the kernel.
//
// The service is found by its name; this program starts and loads nothing.

import Interfaces

private let usage: StaticString = "usage: kvclient get KEY | put KEY VALUE | delete KEY | count"

/// The service, and how to ask it.
private struct Client {
  private let descriptor: UInt64

  init() throws(Complaint) {
    let name = ("kv" as StaticString).bytes
    let found = sys_findservice(name.start, name.length)
    if found == ErrorCode.notFound.result {
      throw Complaint(name, "no such service runs: `service start kv`, or `module load kv` into the kernel")
    }
    descriptor = UInt64(try check(found, name))
  }

  /// Sends bytes, and takes as many as there is room for.
  func ask(
    _ label: Int, _ word: UInt64, send: UnsafeRawPointer, _ length: UInt64,
    receive: UnsafeMutableRawPointer? = nil, _ room: UInt64 = 0
  ) -> Int64 {
    var message = service_message()
    message.label = UInt64(label)
    message.words.0 = word
    message.send = address(send)
    message.send_length = length
    message.receive = receive.map { address($0) } ?? 0
    message.receive_length = room
    return sys_callservice(descriptor, &message)
  }

  /// Passes a result on, or says in the service's own terms what is wrong.
  @discardableResult
  func accept(_ result: Int64, _ subject: Bytes) throws(Complaint) -> Int64 {
    guard result < 0 else { return result }
    switch ErrorCode(rawValue: 0 &- result) {
    case .notFound: throw Complaint(subject, "no such key")
    case .nameTooLong: throw Complaint(subject, "a key has 32 bytes at most")
    case .fileTooLarge: throw Complaint(subject, "a value has 128 bytes at most")
    case .noSpace: throw Complaint(subject, "all 64 rows are taken")
    default: throw Complaint(subject, errorText(result))
    }
  }
}

private func put(_ client: Client, _ key: Bytes, _ value: Bytes) throws(Complaint) {
  guard key.count <= KV_MAXIMUM_KEY else { throw Complaint(key, "a key has 32 bytes at most") }
  guard value.count <= KV_MAXIMUM_VALUE else { throw Complaint(key, "a value has 128 bytes at most") }
  // The value right behind the key.
  var both = InlineArray<160, UInt8>(repeating: 0)
  for index in 0..<key.count { both[index] = key[index] }
  for index in 0..<value.count { both[key.count + index] = value[index] }
  try client.accept(client.ask(KV_LABEL_PUT, key.length, send: &both, key.length + value.length), key)
}

private func get(_ client: Client, _ key: Bytes, _ output: inout TextOutput) throws(Complaint) {
  var value = InlineArray<128, UInt8>(repeating: 0)
  let count = try client.accept(
    client.ask(KV_LABEL_GET, 0, send: key.start, key.length, receive: &value, UInt64(KV_MAXIMUM_VALUE)), key)
  for index in 0..<Int(min(count, Int64(KV_MAXIMUM_VALUE))) { output.write(value[index]) }
  output.write("\n")
}

/// Does what the first argument says with the key and value in the others.
@c @implementation
public func program_main(_ arguments: UnsafePointer<UInt8>, _ length: UInt64) -> Int64 {
  var program = Program("kvclient", arguments, length)
  do throws(Complaint) {
    let verb = try program.argument(usage: usage)
    let client = try Client()
    if verb.equals("count") {
      try program.endOfArguments(usage: usage)
      program.output.write(try client.accept(client.ask(KV_LABEL_COUNT, 0, send: verb.start, 0), verb))
      program.output.write(" keys\n")
    } else {
      let key = try program.argument(usage: usage)
      if verb.equals("put") {
        let value = try program.argument(usage: usage)
        try program.endOfArguments(usage: usage)
        try put(client, key, value)
      } else if verb.equals("get") {
        try program.endOfArguments(usage: usage)
        try get(client, key, &program.output)
      } else if verb.equals("delete") {
        try program.endOfArguments(usage: usage)
        try client.accept(client.ask(KV_LABEL_DELETE, 0, send: key.start, key.length), key)
      } else {
        throw Complaint(verb, usage)
      }
    }
  } catch {
    program.complain(error)
  }
  return program.finish()
}
