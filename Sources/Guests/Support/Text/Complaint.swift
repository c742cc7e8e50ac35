// How a part of a program fails: with what it was about, and why.
//
// Callers must not keep a complaint longer than the bytes it is about.

/// Why a program, or a part of its work, failed.
///
/// Its subject is borrowed memory; a program has one thread, so that nothing is sent anywhere.
struct Complaint: Error, @unchecked Sendable {
  /// What the complaint is about, such as a path; may be empty.
  let subject: Bytes
  let reason: StaticString

  init(_ subject: Bytes, _ reason: StaticString) {
    self.subject = subject
    self.reason = reason
  }

  init(_ reason: StaticString) { self.init(("" as StaticString).bytes, reason) }
}

/// Passes a library function's result on, or turns its error into a complaint about `subject`.
@discardableResult
func check(_ result: Int64, _ subject: Bytes) throws(Complaint) -> Int64 {
  guard result < 0 else { return result }
  throw Complaint(subject, errorText(result))
}
