// The smallest program that says something.
//
// It takes no arguments and ignores those it is given.

import Interfaces

/// Greets with the task's number.
@c @implementation
public func program_main(_ arguments: UnsafePointer<UInt8>, _ length: UInt64) -> Int64 {
  var program = Program("hello", arguments, length)
  program.output.write("Hello from task ")
  program.output.write(sys_getpid())
  program.output.write(".\n")
  return program.finish()
}
