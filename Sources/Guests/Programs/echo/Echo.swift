// Prints its arguments, one space between two.
//
// It interprets nothing but quotes.

import Interfaces

/// Writes the arguments and a newline.
@c @implementation
public func program_main(_ arguments: UnsafePointer<UInt8>, _ length: UInt64) -> Int64 {
  var program = Program("echo", arguments, length)
  do throws(Complaint) {
    var first = true
    while let word = try program.argument() {
      if !first { program.output.write(" ") }
      first = false
      program.output.write(word)
    }
    program.output.write("\n")
  } catch {
    program.complain(error)
  }
  return program.finish()
}
