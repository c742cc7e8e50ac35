// Takes all the memory that it gets: maps a part, touches every page, maps the next.
//
// Without an argument it keeps it until it is killed; with `release` it gives it back and ends.

import Interfaces
import _Volatile

private var part: UInt64 { 1 << 20 }
private var pageSize: UInt64 { 4096 }

/// Writes a word to every page, so that each is there.
private func touch(_ start: UInt64) {
  var page = start
  while page < start + part {
    VolatileMappedRegister<UInt64>(unsafeBitPattern: UInt(page)).store(page)
    page += pageSize
  }
}

/// The number of parts taken, and why there were no more.
private func takeAll() -> (parts: UInt64, reason: Int64) {
  var parts: UInt64 = 0
  while true {
    let result = sys_map(part)
    guard result >= 0 else { return (parts, result) }
    touch(UInt64(result))
    parts += 1
  }
}

/// Takes memory, says how much, and keeps it or gives it back.
@c @implementation
public func program_main(_ arguments: UnsafePointer<UInt8>, _ length: UInt64) -> Int64 {
  var program = Program("hog", arguments, length)
  do throws(Complaint) {
    let usage: StaticString = "usage: hog [release]"
    let word = try program.argument()
    try program.endOfArguments(usage: usage)
    if let word, !word.equals("release") { throw Complaint(word, usage) }
    let taken = takeAll()
    program.output.write("hog: took ")
    program.output.write(taken.parts)
    program.output.write(" MiB, then: ")
    program.output.write(errorText(taken.reason))
    program.output.write("\n")
    while word == nil { _ = sys_sleep(1000) }
    let start = Layout.anonymousBase
    if taken.parts > 0 { try check(sys_unmap(start, taken.parts * part), ("memory" as StaticString).bytes) }
  } catch {
    program.complain(error)
  }
  return program.finish()
}
