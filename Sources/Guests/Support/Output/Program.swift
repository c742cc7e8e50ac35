// What every program does in the same way: start with split arguments, end with a status, complain in one form.
//
// Callers must not return a negative status: wait could not tell it from an error.

import Interfaces

/// A running program: its arguments, its output, and whether anything has failed yet.
struct Program: ~Copyable {
  let name: StaticString
  var words: Words
  var output = TextOutput()
  private var failed = false

  init(_ name: StaticString, _ arguments: UnsafePointer<UInt8>, _ length: UInt64) {
    self.name = name
    words = Words(Bytes(arguments, length: length))
  }

  /// The next argument; nil behind the last one.
  mutating func argument() throws(Complaint) -> Bytes? {
    try words.next()
  }

  /// The next argument, which must be there; `usage` says what is expected otherwise.
  mutating func argument(usage: StaticString) throws(Complaint) -> Bytes {
    guard let word = try argument() else { throw Complaint(usage) }
    return word
  }

  /// Checks that no argument is left.
  mutating func endOfArguments(usage: StaticString) throws(Complaint) {
    guard try argument() == nil else { throw Complaint(usage) }
  }

  /// Writes `NAME: SUBJECT: REASON` and makes the program fail in the end.
  mutating func complain(_ complaint: Complaint) {
    failed = true
    warn(complaint)
  }

  /// Writes the same without failing.
  mutating func warn(_ complaint: Complaint) {
    if output.hasPartialLine { output.write("\n") }
    output.write(name)
    output.write(": ")
    if complaint.subject.count > 0 {
      output.write(complaint.subject)
      output.write(": ")
    }
    output.write(complaint.reason)
    output.write("\n")
  }

  /// Writes what is still buffered; the exit status: 0, or 1 when something has failed.
  mutating func finish() -> Int64 {
    output.flush()
    return failed || output.failure < 0 ? 1 : 0
  }
}
