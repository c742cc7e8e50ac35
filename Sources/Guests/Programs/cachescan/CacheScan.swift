// Reads a file that is larger than the block cache from its beginning to its end, again and again: with the least
// recently used block going first, each block is gone by the time it is wanted; with the last one, most stay.
//
// The policy is the file system's, so others feel it meanwhile; it is set back in the end.

import Interfaces

private var path: Bytes { ("/data/scan" as StaticString).bytes }

private func policy(_ word: Bytes) throws(Complaint) -> CachePolicy {
  if word.equals("lru") { return .leastRecentlyUsed }
  if word.equals("mru") { return .mostRecentlyUsed }
  throw Complaint(word, "no such policy: lru or mru")
}

private func statistics() throws(Complaint) -> CacheStatistics {
  var statistics = CacheStatistics(policy: 0, capacity: 0, hits: 0, misses: 0, evictions: 0)
  try check(sys_statistics(&statistics, UInt64(MemoryLayout<CacheStatistics>.size)), path)
  return statistics
}

/// Reads the file once, a block at a time; its size in bytes.
private func scan() throws(Complaint) -> UInt64 {
  var block = InlineArray<4096, UInt8>(repeating: 0)
  let descriptor = UInt64(try check(sys_open(path.start, path.length, 0), path))
  var size: UInt64 = 0
  while true {
    let count = try check(sys_read(descriptor, &block, 4096), path)
    guard count > 0 else { break }
    size += UInt64(count)
  }
  try check(sys_close(descriptor), path)
  return size
}

/// Scans under `policy`, and says what the cache was good for.
private func measure(_ policy: CachePolicy, _ name: Bytes, passes: UInt64, _ output: inout TextOutput) throws(Complaint)
{
  let before = try check(sys_cachepolicy(policy.rawValue), name)
  defer { _ = sys_cachepolicy(UInt64(before)) }
  let start = try statistics()
  var size: UInt64 = 0
  var pass: UInt64 = 0
  while pass < passes {
    size = try scan()
    pass += 1
  }
  let end = try statistics()
  output.write(name)
  output.write(": ")
  output.write(passes)
  output.write(" passes over ")
  output.write(size / UInt64(DiskFormat.blockSize))
  output.write(" blocks, room for ")
  output.write(end.capacity)
  output.write(": ")
  output.write(end.hits - start.hits)
  output.write(" hits, ")
  output.write(end.misses - start.misses)
  output.write(" misses\n")
}

/// Scans with the policy in the first argument, as often as the second says or five times.
@c @implementation
public func program_main(_ arguments: UnsafePointer<UInt8>, _ length: UInt64) -> Int64 {
  var program = Program("cachescan", arguments, length)
  do throws(Complaint) {
    let usage: StaticString = "usage: cachescan lru|mru [PASSES]"
    let name = try program.argument(usage: usage)
    let policy = try policy(name)
    var passes: UInt64 = 5
    if let word = try program.argument() {
      guard let number = word.decimal, number > 0 else { throw Complaint(word, "not a number of at least 1") }
      passes = number
    }
    try program.endOfArguments(usage: usage)
    try measure(policy, name, passes: passes, &program.output)
  } catch {
    program.complain(error)
  }
  return program.finish()
}
