// The agent: a program that calls whatever library function the host asks for, so that the host's calls go the same
// way as any program's. Without a host it starts the shell.
//
// The host must write the mailbox only while the agent is parked.

import Interfaces

/// Waits for the host; the result is the mailbox (mailbox.c).
@_silgen_name("agent_park")
func parkForHost() -> UnsafeMutableRawPointer

/// Runs the shell once.
private func runShell() {
  let name = ("sh" as StaticString).bytes
  let task = sys_spawn(name.start, name.length, nil, 0)
  guard task >= 0 else {
    var output = TextOutput()
    output.write("agent: sh: ")
    output.write(errorText(task))
    output.write("\n")
    _ = sys_sleep(1000)
    return
  }
  _ = sys_wait(UInt64(task))
}

/// Parks, does what was asked, and parks again, for ever.
@c @implementation
public func program_main(_ arguments: UnsafePointer<UInt8>, _ length: UInt64) -> Int64 {
  while true {
    let mailbox = parkForHost()
    let call = mailbox.load(fromByteOffset: Mailbox.call, as: UInt64.self)
    if call == 0 {
      runShell()
    } else {
      let words = (mailbox + Mailbox.arguments).assumingMemoryBound(to: UInt64.self)
      let result = perform(call - 1, words)
      (mailbox + Mailbox.result).assumingMemoryBound(to: Int64.self).pointee = result
    }
  }
}
