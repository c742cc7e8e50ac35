// Forks, and checks what the two tasks share and what they do not.
//
// It prints no task numbers: its output is the same in every structure. Each child is waited for, so that the order
// of the lines is fixed.

import Interfaces

/// Words that parent and child work on: a few pages, so that some are shared and some copied.
private var words: Int { 16 * 512 }

/// Memory of its own, filled with what `value` gives.
private struct Field {
  let start: UnsafeMutablePointer<UInt64>

  init() throws(Complaint) {
    let address = try check(sys_map(UInt64(words * 8)), ("map" as StaticString).bytes)
    start = UnsafeMutablePointer(bitPattern: UInt(address)).unsafelyUnwrapped
  }

  func fill(_ seed: UInt64) {
    for index in 0..<words { start[index] = seed &+ UInt64(index) }
  }

  /// Changes every page but leaves most of its words.
  func mark(_ seed: UInt64) {
    var index = 0
    while index < words {
      start[index] = seed
      index += 512
    }
  }

  /// How many words do not hold what `fill` wrote.
  func differences(_ seed: UInt64) -> UInt64 {
    var count: UInt64 = 0
    for index in 0..<words where start[index] != seed &+ UInt64(index) { count += 1 }
    return count
  }
}

/// Makes a child, which does `work` and ends with its result; the child's status.
private func inChild(_ output: inout TextOutput, _ work: (inout TextOutput) -> Int64) throws(Complaint) -> Int64 {
  output.flush()
  let child = try check(sys_fork(), ("fork" as StaticString).bytes)
  if child == 0 {
    let status = work(&output)
    output.flush()
    _ = sys_exit(status)
  }
  return sys_wait(UInt64(child))
}

private func report(_ output: inout TextOutput, _ what: StaticString, _ number: Int64) {
  output.write(what)
  output.write(number)
  output.write("\n")
}

private func expect(_ value: Int64, _ expected: Int64, _ what: StaticString) throws(Complaint) {
  guard value == expected else { throw Complaint(what, "not as it must be") }
}

extension Complaint {
  fileprivate init(_ subject: StaticString, _ reason: StaticString) { self.init(subject.bytes, reason) }
}

/// Data that is shared, then copied.
private func testMemory(_ output: inout TextOutput) throws(Complaint) {
  let field = try Field()
  field.fill(1000)
  let status = try inChild(&output) { output in
    report(&output, "child: words that differ at first: ", Int64(field.differences(1000)))
    field.mark(7)
    report(&output, "child: words that differ after writing to each page: ", Int64(field.differences(1000)))
    return 11
  }
  report(&output, "parent: the child ended with ", status)
  try expect(status, 11, "the status")
  report(&output, "parent: words that differ: ", Int64(field.differences(1000)))
  try expect(Int64(field.differences(1000)), 0, "the parent's memory")
  // What the child left is the parent's alone again.
  field.mark(9)
  report(&output, "parent: words that differ after writing as well: ", Int64(field.differences(1000)))
}

/// Children of children, each with its own copy.
private func testGenerations(_ output: inout TextOutput) throws(Complaint) {
  var depth: Int64 = 0
  let status = try inChild(&output) { output in
    depth += 1
    do throws(Complaint) {
      let inner = try inChild(&output) { output in
        depth += 1
        report(&output, "grandchild: generation ", depth)
        return depth
      }
      report(&output, "child: generation ", depth)
      return 10 * depth + inner
    } catch { return 1 }
  }
  report(&output, "parent: generation ", depth)
  try expect(status, 12, "the generations' statuses")
}

/// Descriptors are inherited, their positions are each task's own.
private func testDescriptors(_ output: inout TextOutput) throws(Complaint) {
  let path = ("/etc/motd" as StaticString).bytes
  let file = UInt64(try check(sys_open(path.start, path.length, 0), path))
  var first = InlineArray<8, UInt8>(repeating: 0)
  let read = try check(sys_read(file, &first, 4), path)
  let status = try inChild(&output) { _ in
    var bytes = InlineArray<8, UInt8>(repeating: 0)
    let count = sys_read(file, &bytes, 5)
    return sys_close(file) == 0 ? count : 99
  }
  var second = InlineArray<8, UInt8>(repeating: 0)
  let more = try check(sys_read(file, &second, 5), path)
  output.write("a file: parent ")
  output.write(read)
  output.write(" bytes, child ")
  output.write(status)
  output.write(", parent again ")
  output.write(more)
  output.write("\n")
  try check(sys_close(file), path)
}

/// A mapped file is read where it is touched, by a program or by a call; what a child writes to it is the child's own.
private func testMapping(_ output: inout TextOutput) throws(Complaint) {
  let path = ("/etc/motd" as StaticString).bytes
  let file = UInt64(try check(sys_open(path.start, path.length, 0), path))
  var status = FileStatus(kind: 0, size: 0, inode: 0)
  try check(sys_stat(path.start, path.length, &status), path)
  let first = UInt(try check(sys_mapfile(file, 0, status.size), path))
  let second = UInt(try check(sys_mapfile(file, 0, status.size), path))
  try check(sys_close(file), path)
  output.write("a mapped file: ")
  output.flush()
  try check(sys_write(1, UnsafeRawPointer(bitPattern: first).unsafelyUnwrapped, status.size), path)
  let bytes = UnsafeMutablePointer<UInt8>(bitPattern: second).unsafelyUnwrapped
  let before = bytes.pointee
  let ended = try inChild(&output) { _ in
    let same = bytes.pointee == before
    bytes.pointee = UInt8(ascii: "#")
    return same ? Int64(bytes.pointee) : 1
  }
  try expect(ended, Int64(UInt8(ascii: "#")), "the child's view of the file")
  try expect(Int64(bytes.pointee), Int64(before), "the parent's view of the file")
}

/// A child becomes another program, with the descriptors that it had.
private func testExec(_ output: inout TextOutput) throws(Complaint) {
  let status = try inChild(&output) { _ in
    let name = ("echo" as StaticString).bytes
    let words = ("another program in the child" as StaticString).bytes
    return sys_exec(name.start, name.length, words.start, words.length)
  }
  report(&output, "exec: ended with ", status)
  let missing = try inChild(&output) { output in
    let name = ("nosuch" as StaticString).bytes
    output.write("exec of what is not there: ")
    output.write(errorText(sys_exec(name.start, name.length, nil, 0)))
    output.write("\n")
    return 3
  }
  try expect(missing, 3, "a program after a failed exec")
}

/// A child that fails ends alone.
private func testFault(_ output: inout TextOutput) throws(Complaint) {
  let status = try inChild(&output) { _ in
    // The program's own text: readable, not writable.
    UnsafeMutablePointer<UInt64>(bitPattern: UInt(Layout.programBase)).unsafelyUnwrapped.pointee = 1
    return 0
  }
  report(&output, "a child that writes to its text: status ", status)
  try expect(status, Int64(PM_STATUS_FAULT) - 15, "the fault's status")
}

/// Runs the tests in order.
@c @implementation
public func program_main(_ arguments: UnsafePointer<UInt8>, _ length: UInt64) -> Int64 {
  var program = Program("forktest", arguments, length)
  do throws(Complaint) {
    try program.endOfArguments(usage: "usage: forktest")
    try testMemory(&program.output)
    try testGenerations(&program.output)
    try testDescriptors(&program.output)
    try testMapping(&program.output)
    try testExec(&program.output)
    try testFault(&program.output)
    program.output.write("forktest: passed\n")
  } catch {
    program.complain(error)
  }
  return program.finish()
}
