// Takes modules into the running kernel, and out of it.
//
// A module gets all of the kernel's rights: nothing here or there restrains it.

import Interfaces

private let usage: StaticString = "usage: module load NAME | unload NAME"

/// Passes a result on, or says what it means for a module.
private func check(_ result: Int64, _ name: Bytes, missing: StaticString) throws(Complaint) {
  guard result < 0 else { return }
  switch ErrorCode(rawValue: 0 &- result) {
  case .notImplemented:
    throw Complaint("this kernel takes in no modules; in a microkernel, start a service instead: `service start NAME`")
  case .notPermitted: throw Complaint(name, "only an administrator may do that")
  case .exists: throw Complaint(name, "it is loaded already")
  case .busy: throw Complaint(name, "a call is in it")
  case .notFound: throw Complaint(name, missing)
  default: throw Complaint(name, errorText(result))
  }
}

/// Does what the first argument says with the module in the second.
@c @implementation
public func program_main(_ arguments: UnsafePointer<UInt8>, _ length: UInt64) -> Int64 {
  var program = Program("module", arguments, length)
  do throws(Complaint) {
    let verb = try program.argument(usage: usage)
    let name = try program.argument(usage: usage)
    try program.endOfArguments(usage: usage)
    if verb.equals("load") {
      try check(sys_loadmodule(name.start, name.length), name, missing: "there is no such module in the boot archive")
      program.output.write(name)
      program.output.write(" loaded\n")
    } else if verb.equals("unload") {
      try check(sys_unloadmodule(name.start, name.length), name, missing: "it is not loaded")
      program.output.write(name)
      program.output.write(" unloaded\n")
    } else {
      throw Complaint(verb, usage)
    }
  } catch {
    program.complain(error)
  }
  return program.finish()
}
