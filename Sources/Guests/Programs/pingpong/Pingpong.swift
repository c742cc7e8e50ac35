// Makes the empty call so many times: what is counted meanwhile is the price of the way.
//
// It measures nothing itself; callers must count from outside.

import Interfaces

/// Calls `sys_null` as often as the argument says.
@c @implementation
public func program_main(_ arguments: UnsafePointer<UInt8>, _ length: UInt64) -> Int64 {
  var program = Program("pingpong", arguments, length)
  do throws(Complaint) {
    let usage: StaticString = "usage: pingpong COUNT"
    let word = try program.argument(usage: usage)
    try program.endOfArguments(usage: usage)
    guard let count = word.decimal else { throw Complaint(word, "not a number") }
    var done: UInt64 = 0
    while done < count {
      try check(sys_null(), word)
      done += 1
    }
  } catch {
    program.complain(error)
  }
  return program.finish()
}
