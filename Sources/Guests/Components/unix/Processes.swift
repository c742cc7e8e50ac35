// Forks, programs that follow one another in a task, and further names of descriptors.
//
// What a fork copies beside the memory, the process manager decides.

import Interfaces

extension UnixCalls {
  /// Continues as another program.
  mutating func exec(
    _ client: UInt64, _ name: user_address, _ nameLength: UInt64, _ arguments: user_address, _ argumentsLength: UInt64
  ) throws(ErrorCode) -> Int64 {
    try prepare(client, name, nameLength)
    try prepare(client, arguments, argumentsLength)
    // The new program finds this instance, where the library keeps it in the task's memory; but no mapping is left.
    let mapped = mapsFiles
    mapsFiles = false
    let result = pm_exec(services.processes, client, name, nameLength, arguments, argumentsLength)
    if result < 0 { mapsFiles = mapped }
    return try checked(result)
  }

  /// Gives a descriptor another number.
  mutating func duplicate(_ client: UInt64, _ descriptor: UInt64, _ target: UInt64) throws(ErrorCode) -> Int64 {
    _ = try descriptors.entry(descriptor)
    let number: Int
    if target == UInt64.max {
      number = try descriptors.lowestFree()
    } else {
      guard target < UInt64(DescriptorTable.capacity) else { throw .badDescriptor }
      number = Int(target)
      if target == descriptor { return Int64(number) }
      // What it was before matters no more; an error while it is closed does not keep it open.
      do throws(ErrorCode) { _ = try close(client, target) } catch {}
    }
    descriptors.duplicate(descriptor, to: number)
    return Int64(number)
  }

  /// Memory that shows a file.
  mutating func mapFile(
    _ client: UInt64, _ descriptor: UInt64, _ offset: UInt64, _ length: UInt64
  ) throws(ErrorCode) -> Int64 {
    let entry = try descriptors.file(descriptor)
    // The memory manager reads from the first file system only.
    guard !entry.isScratch else { throw .invalid }
    let result = try checked(vm_map_file(services.memory, client, entry.handle, offset, length))
    mapsFiles = true
    return result
  }
}
