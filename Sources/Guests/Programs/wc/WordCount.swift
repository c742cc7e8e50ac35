// Counts lines, words and bytes.
//
// It goes on with the next file when one cannot be read, and fails in the end.

import Interfaces

/// What is counted.
private struct Counts {
  var lines: UInt64 = 0
  var words: UInt64 = 0
  var bytes: UInt64 = 0
  private var inWord = false

  mutating func add(_ byte: UInt8) {
    bytes += 1
    if byte == UInt8(ascii: "\n") { lines += 1 }
    if isSpace(byte) {
      inWord = false
    } else if !inWord {
      inWord = true
      words += 1
    }
  }

  mutating func add(_ other: Counts) {
    lines += other.lines
    words += other.words
    bytes += other.bytes
  }

  func write(to output: inout TextOutput, _ name: Bytes) {
    output.write(lines, width: 7)
    output.write(words, width: 8)
    output.write(bytes, width: 8)
    if name.count > 0 {
      output.write(" ")
      output.write(name)
    }
    output.write("\n")
  }
}

private func count(_ descriptor: UInt64, _ subject: Bytes) throws(Complaint) -> Counts {
  var counts = Counts()
  var buffer = InlineArray<1024, UInt8>(repeating: 0)
  while true {
    let length = try check(sys_read(descriptor, &buffer, 1024), subject)
    guard length > 0 else { return counts }
    for index in 0..<Int(length) { counts.add(buffer[index]) }
  }
}

/// Opens, counts and closes a file.
private func countFile(_ path: Bytes) throws(Complaint) -> Counts {
  let descriptor = UInt64(try check(sys_open(path.start, path.length, 0), path))
  do throws(Complaint) {
    let counts = try count(descriptor, path)
    try check(sys_close(descriptor), path)
    return counts
  } catch {
    _ = sys_close(descriptor)
    throw error
  }
}

/// Counts the files named by the arguments, or descriptor 0 when there are none.
@c @implementation
public func program_main(_ arguments: UnsafePointer<UInt8>, _ length: UInt64) -> Int64 {
  var program = Program("wc", arguments, length)
  do throws(Complaint) {
    if program.words.rest.count == 0 {
      let counts = try count(0, ("standard input" as StaticString).bytes)
      counts.write(to: &program.output, ("" as StaticString).bytes)
    }
    var total = Counts()
    var files = 0
    while let path = try program.argument() {
      files += 1
      do throws(Complaint) {
        let counts = try countFile(path)
        counts.write(to: &program.output, path)
        total.add(counts)
      } catch {
        program.complain(error)
      }
    }
    if files > 1 { total.write(to: &program.output, ("total" as StaticString).bytes) }
  } catch {
    program.complain(error)
  }
  return program.finish()
}
