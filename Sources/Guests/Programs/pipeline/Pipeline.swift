// Three tasks joined by two pipes: one writes numbers, one passes the odd ones on, one adds them up.
//
// The result does not depend on who runs when.

import Interfaces

/// The two ends of a pipe.
private struct Ends {
  let reading: UInt64
  let writing: UInt64

  init() throws(Complaint) {
    let both = UInt64(try check(sys_pipe(), ("pipe" as StaticString).bytes))
    reading = both & 0xFF
    writing = both >> 8
  }

  func close() {
    _ = sys_close(reading)
    _ = sys_close(writing)
  }
}

/// Words on their way, as many as go through in one call.
private struct Block {
  static var capacity: Int { 100 }
  var words = InlineArray<100, UInt64>(repeating: 0)
  var count = 0

  mutating func append(_ word: UInt64) {
    words[count] = word
    count += 1
  }

  mutating func write(to descriptor: UInt64) -> Int64 {
    let result = writeAll(descriptor, &words, count: count * 8)
    count = 0
    return result
  }

  /// Reads whole words; false at the end or for an error.
  mutating func read(from descriptor: UInt64) -> Bool {
    var bytes = 0
    repeat {
      let room = Self.capacity * 8 - bytes
      let result = withUnsafeMutableBytes(of: &words) { buffer in
        sys_read(descriptor, buffer.baseAddress.unsafelyUnwrapped + bytes, UInt64(room))
      }
      guard result > 0 else { return false }
      bytes += Int(result)
    } while bytes % 8 != 0
    count = bytes / 8
    return true
  }
}

/// Writes a pseudo-random sequence.
private func produce(_ count: UInt64, to descriptor: UInt64) -> Int64 {
  var block = Block()
  var state: UInt64 = 0x9E37_79B9_7F4A_7C15
  for number in 0..<count {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    block.append(state)
    if block.count == Block.capacity || number == count - 1 {
      guard block.write(to: descriptor) == 0 else { return 1 }
    }
  }
  return 0
}

/// Passes the odd numbers on.
private func filter(from source: UInt64, to descriptor: UInt64) -> Int64 {
  var input = Block()
  var output = Block()
  while input.read(from: source) {
    for index in 0..<input.count where input.words[index] & 1 == 1 { output.append(input.words[index]) }
    guard output.write(to: descriptor) == 0 else { return 1 }
  }
  return 0
}

/// Makes a child that does `work` and ends with its result.
private func start(_ work: () -> Int64) throws(Complaint) -> UInt64 {
  let child = try check(sys_fork(), ("fork" as StaticString).bytes)
  if child == 0 { _ = sys_exit(work()) }
  return UInt64(child)
}

private func run(_ count: UInt64, _ output: inout TextOutput) throws(Complaint) {
  let first = try Ends()
  let producer = try start {
    _ = sys_close(first.reading)
    return produce(count, to: first.writing)
  }
  let second = try Ends()
  let filtering = try start {
    _ = sys_close(first.writing)
    _ = sys_close(second.reading)
    return filter(from: first.reading, to: second.writing)
  }
  // Only those who write may hold the writing ends, or nobody sees the end.
  first.close()
  _ = sys_close(second.writing)
  var block = Block()
  var received: UInt64 = 0
  var checksum: UInt64 = 0xCBF2_9CE4_8422_2325
  while block.read(from: second.reading) {
    for index in 0..<block.count { checksum = (checksum ^ block.words[index]) &* 0x100_0000_01B3 }
    received += UInt64(block.count)
  }
  _ = sys_close(second.reading)
  output.write("pipeline: ")
  output.write(count)
  output.write(" numbers, ")
  output.write(received)
  output.write(" odd, checksum ")
  output.write(checksum)
  output.write("\n")
  try expectSuccess(of: producer, "the producer")
  try expectSuccess(of: filtering, "the filter")
}

private func expectSuccess(of task: UInt64, _ name: StaticString) throws(Complaint) {
  guard sys_wait(task) == 0 else { throw Complaint(name.bytes, "failed") }
}

/// Starts the three tasks and prints a checksum of what came through.
@c @implementation
public func program_main(_ arguments: UnsafePointer<UInt8>, _ length: UInt64) -> Int64 {
  var program = Program("pipeline", arguments, length)
  do throws(Complaint) {
    let usage: StaticString = "usage: pipeline [COUNT]"
    var count: UInt64 = 5000
    if let word = try program.argument() {
      guard let number = word.decimal else { throw Complaint(word, "not a number") }
      count = number
    }
    try program.endOfArguments(usage: usage)
    try run(count, &program.output)
  } catch {
    program.complain(error)
  }
  return program.finish()
}
