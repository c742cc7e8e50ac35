// Starts, stops, restarts and replaces services that run in user mode.
//
// It has the right to do so only if it was started from the prompt, or by the shell.

import Interfaces

private let usage: StaticString = "usage: service list | start NAME | stop NAME | restart NAME | replace NAME"

/// The server that starts the others.
private func findSupervisor() throws(Complaint) -> UInt64 {
  let name = ("reinc" as StaticString).bytes
  let found = sys_findservice(name.start, name.length)
  guard found != ErrorCode.notFound.result, found != ErrorCode.notImplemented.result else {
    throw Complaint("no service can be started here; `module load NAME` takes one into a kernel that has modules")
  }
  return UInt64(try check(found, name))
}

private func list(_ supervisor: UInt64, _ output: inout TextOutput) throws(Complaint) {
  var index: UInt64 = 0
  while true {
    var description = reinc_description()
    let result = withUnsafeMutableBytes(of: &description) { bytes in
      var message = service_message()
      message.label = UInt64(REINC_LABEL_DESCRIBE)
      message.words.0 = index
      message.receive = address(bytes.baseAddress.unsafelyUnwrapped)
      message.receive_length = UInt64(bytes.count)
      return sys_callservice(supervisor, &message)
    }
    if result == ErrorCode.notFound.result { return }
    try check(result, ("reinc" as StaticString).bytes)
    write(&description, &output)
    index += 1
  }
}

private func write(_ description: inout reinc_description, _ output: inout TextOutput) {
  var length = 0
  withUnsafeBytes(of: &description.name) { name in
    while length < name.count && name[length] != 0 {
      output.write(name[length])
      length += 1
    }
  }
  output.pad(8 - length)
  output.write(description.task != 0 ? "running" : "stopped")
  output.write(", restarted ")
  output.write(description.restarts)
  output.write(description.restarts == 1 ? " time" : " times")
  if description.on_demand != 0 { output.write(", on demand") }
  output.write("\n")
}

/// Asks for something to be done with the service of that name; what is done is said in the past tense.
///
/// Returns whether it was done.
private func control(
  _ supervisor: UInt64, _ label: Int, _ name: Bytes, done: StaticString, _ output: inout TextOutput
) -> Bool {
  var reason = InlineArray<80, UInt8>(repeating: 0)
  let result = withUnsafeMutableBytes(of: &reason) { bytes in
    var message = service_message()
    message.label = UInt64(label)
    message.send = address(name.start)
    message.send_length = name.length
    message.receive = address(bytes.baseAddress.unsafelyUnwrapped)
    message.receive_length = UInt64(REINC_MAXIMUM_REASON)
    return sys_callservice(supervisor, &message)
  }
  guard result < 0 else {
    output.write(name)
    output.write(done)
    return true
  }
  output.write("service: ")
  output.write(name)
  output.write(": ")
  // The supervisor's own words, where it has some.
  if reason[0] == 0 { output.write(errorText(result)) }
  var length = 0
  while length < REINC_MAXIMUM_REASON && reason[length] != 0 {
    output.write(reason[length])
    length += 1
  }
  output.write("\n")
  return false
}

/// Does what the first argument says to the service in the second.
@c @implementation
public func program_main(_ arguments: UnsafePointer<UInt8>, _ length: UInt64) -> Int64 {
  var program = Program("service", arguments, length)
  var isDone = true
  do throws(Complaint) {
    let verb = try program.argument(usage: usage)
    let supervisor = try findSupervisor()
    if verb.equals("list") {
      try program.endOfArguments(usage: usage)
      try list(supervisor, &program.output)
    } else {
      let name = try program.argument(usage: usage)
      try program.endOfArguments(usage: usage)
      if verb.equals("start") {
        isDone = control(supervisor, REINC_LABEL_START, name, done: " started\n", &program.output)
      } else if verb.equals("stop") {
        isDone = control(supervisor, REINC_LABEL_STOP, name, done: " stopped\n", &program.output)
      } else if verb.equals("restart") {
        isDone = control(supervisor, REINC_LABEL_RESTART, name, done: " restarted\n", &program.output)
      } else if verb.equals("replace") {
        isDone = control(supervisor, REINC_LABEL_REPLACE, name, done: " replaced\n", &program.output)
      } else {
        throw Complaint(verb, usage)
      }
    }
  } catch {
    program.complain(error)
  }
  let status = program.finish()
  return isDone ? status : 1
}
