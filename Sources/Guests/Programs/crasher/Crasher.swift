// Fails in one of the ways that a program can fail: the system ends it, and nothing else. Two kinds may succeed, where
// nothing stands in their way: `out-of-bounds` and `read`.
//
// Callers must not wait for `loop`, which nobody ends but who kills it.

import Interfaces

@_silgen_name("crash_null_read") private func readNull()
@_silgen_name("crash_wild_write") private func writeWildly()
@_silgen_name("crash_illegal") private func executeIllegal()
@_silgen_name("crash_misaligned_jump") private func jumpMisaligned()
@_silgen_name("crash_stack_overflow") private func overflowStack()
@_silgen_name("crash_loop") private func loop()
@_silgen_name("crash_kernel_address") private func readKernel()

private let usage: StaticString =
  """
  usage: crasher null-read|wild-write|illegal|misaligned-jump|stack-overflow|loop
           |kernel-address|out-of-bounds|read 0xADDRESS
  """

private func crash(_ kind: Bytes) throws(Complaint) {
  if kind.equals("null-read") {
    readNull()
  } else if kind.equals("wild-write") {
    writeWildly()
  } else if kind.equals("illegal") {
    executeIllegal()
  } else if kind.equals("misaligned-jump") {
    jumpMisaligned()
  } else if kind.equals("stack-overflow") {
    overflowStack()
  } else if kind.equals("loop") {
    loop()
  } else if kind.equals("kernel-address") {
    readKernel()
  } else {
    throw Complaint(kind, usage)
  }
  throw Complaint(kind, "the system let it go on")
}

/// Says what it will do, and does it.
@c @implementation
public func program_main(_ arguments: UnsafePointer<UInt8>, _ length: UInt64) -> Int64 {
  var program = Program("crasher", arguments, length)
  do throws(Complaint) {
    let kind = try program.argument(usage: usage)
    if kind.equals("out-of-bounds") {
      try program.endOfArguments(usage: usage)
      storeOutOfBounds(&program.output)
    } else if kind.equals("read") {
      let address = try program.argument(usage: usage)
      try program.endOfArguments(usage: usage)
      try readForeign(address, &program.output)
    } else {
      try program.endOfArguments(usage: usage)
      try crash(kind)
    }
  } catch {
    program.complain(error)
  }
  return program.finish()
}
