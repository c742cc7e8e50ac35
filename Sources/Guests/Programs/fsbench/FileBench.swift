// Files written, read back, verified and removed: what a file system is asked for most.
//
// It works in /tmp on names of its own; it stops at the first error and leaves there what it has made.

import Interfaces

/// A run: so many files of so many bytes.
private struct Benchmark {
  /// Bytes of a write, and of a read: neither divides a block, nor each other.
  private static var writeSize: UInt64 { 1000 }
  private static var readSize: UInt64 { 700 }
  private static var pathLength: UInt64 { 13 }
  private static var subject: Bytes { ("/tmp/bench-NN" as StaticString).bytes }

  let files: UInt64
  let size: UInt64
  private var path = InlineArray<13, UInt8>(repeating: 0)
  private var buffer = InlineArray<1000, UInt8>(repeating: 0)
  /// Over everything that was written, and over everything that was read.
  private var written = Checksum()
  private(set) var read = Checksum()
  private(set) var bytesWritten: UInt64 = 0
  private(set) var bytesRead: UInt64 = 0

  init(files: UInt64, size: UInt64) {
    self.files = files
    self.size = size
  }

  mutating func run() throws(Complaint) {
    var file: UInt64 = 0
    while file < files {
      try write(file)
      file += 1
    }
    try check(sys_sync(), Self.subject)
    file = 0
    while file < files {
      try readBack(file)
      file += 1
    }
    guard read == written, bytesRead == bytesWritten else {
      throw Complaint(Self.subject, "not what was written")
    }
    file = 0
    while file < files {
      name(file)
      try check(sys_remove(&path, Self.pathLength), Self.subject)
      file += 1
    }
  }

  /// Makes `path` that of a file.
  private mutating func name(_ file: UInt64) {
    let stem = Self.subject
    for index in 0..<11 { path[index] = stem[index] }
    path[11] = UInt8(ascii: "0") + UInt8(file / 10)
    path[12] = UInt8(ascii: "0") + UInt8(file % 10)
  }

  private mutating func open(_ file: UInt64, _ flags: OpenFlags) throws(Complaint) -> UInt64 {
    name(file)
    return UInt64(try check(sys_open(&path, Self.pathLength, flags.rawValue), Self.subject))
  }

  private mutating func write(_ file: UInt64) throws(Complaint) {
    let descriptor = try open(file, [.write, .create, .truncate])
    var pattern = Pattern(file: file)
    var left = size
    while left > 0 {
      let count = min(left, Self.writeSize)
      for index in 0..<Int(count) {
        buffer[index] = pattern.next()
        written.add(buffer[index])
      }
      try check(writeAll(descriptor, &buffer, count: Int(count)), Self.subject)
      bytesWritten += count
      left -= count
    }
    try check(sys_close(descriptor), Self.subject)
  }

  /// Reads a file to its end, and compares it with what was written.
  private mutating func readBack(_ file: UInt64) throws(Complaint) {
    let descriptor = try open(file, [])
    var pattern = Pattern(file: file)
    while true {
      let count = try check(sys_read(descriptor, &buffer, Self.readSize), Self.subject)
      guard count > 0 else { break }
      for index in 0..<Int(count) {
        guard buffer[index] == pattern.next() else { throw Complaint(Self.subject, "not what was written") }
        read.add(buffer[index])
      }
      bytesRead += UInt64(count)
    }
    try check(sys_close(descriptor), Self.subject)
  }
}

/// An optional argument: a decimal number from 1 to `limit`.
private func number(
  _ program: inout Program, default standard: UInt64, limit: UInt64
) throws(Complaint) -> UInt64 {
  guard let word = try program.argument() else { return standard }
  guard let number = word.decimal, number > 0 else { throw Complaint(word, "not a number of at least 1") }
  guard number <= limit else { throw Complaint(word, "too many; 99 files of 1000000 bytes are the most") }
  return number
}

/// Runs with the numbers of files and of bytes in each, 8 and 20000 unless the arguments say otherwise.
@c @implementation
public func program_main(_ arguments: UnsafePointer<UInt8>, _ length: UInt64) -> Int64 {
  var program = Program("fsbench", arguments, length)
  do throws(Complaint) {
    let files = try number(&program, default: 8, limit: 99)
    let size = try number(&program, default: 20_000, limit: 1_000_000)
    try program.endOfArguments(usage: "usage: fsbench [FILES [BYTES]]")
    var benchmark = Benchmark(files: files, size: size)
    try benchmark.run()
    program.output.write(files)
    program.output.write(" files: ")
    program.output.write(benchmark.bytesWritten)
    program.output.write(" bytes written, ")
    program.output.write(benchmark.bytesRead)
    program.output.write(" read back and equal; checksum ")
    program.output.write(benchmark.read.value)
    program.output.write("\n")
  } catch {
    program.complain(error)
  }
  return program.finish()
}
