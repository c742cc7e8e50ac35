// Prints files one after the other, or what is typed until the end of file.
//
// It goes on with the next file when one cannot be read, and fails in the end.

import Interfaces

/// Copies an open descriptor to descriptor 1.
private func print(_ descriptor: UInt64, _ subject: Bytes) throws(Complaint) {
  var buffer = InlineArray<1024, UInt8>(repeating: 0)
  while true {
    let count = try check(sys_read(descriptor, &buffer, 1024), subject)
    guard count > 0 else { return }
    try check(writeAll(1, &buffer, count: Int(count)), subject)
  }
}

/// Opens, prints and closes a file.
private func printFile(_ path: Bytes) throws(Complaint) {
  let descriptor = UInt64(try check(sys_open(path.start, path.length, 0), path))
  do throws(Complaint) {
    try print(descriptor, path)
  } catch {
    _ = sys_close(descriptor)
    throw error
  }
  try check(sys_close(descriptor), path)
}

/// Prints the files named by the arguments, or descriptor 0 when there are none.
@c @implementation
public func program_main(_ arguments: UnsafePointer<UInt8>, _ length: UInt64) -> Int64 {
  var program = Program("cat", arguments, length)
  do throws(Complaint) {
    if program.words.rest.count == 0 { try print(0, ("standard input" as StaticString).bytes) }
    while let path = try program.argument() {
      do throws(Complaint) {
        try printFile(path)
      } catch {
        program.complain(error)
      }
    }
  } catch {
    program.complain(error)
  }
  return program.finish()
}
