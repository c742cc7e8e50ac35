// The reincarnation server: it starts the services of this system in user mode, each with just the rights that its
// recipe gives it, and starts one again when it died or a client says that it fell silent.

import Interfaces
import Transport

/// Servers that a system can have.
private var capacity: Int { 16 }

@c @implementation
func program_main(_ arguments: UnsafePointer<UInt8>, _ length: UInt64) -> Int64 {
  guard let page = env_pages(1) else { return ErrorCode.noMemory.result }
  let wards = page.assumingMemoryBound(to: Ward.self)
  let count = readWards(wards)
  for index in 0..<count where !wards[index].isOnDemand { start(wards + index) }
  // A program may expect its services to be ready: the last to be so is the file system, which reads the disk. Where
  // it and the process manager are in the kernel, that starts the first program, and has not made us callers of theirs.
  _ = fs_sync(handle(.fs))
  let first: StaticString = "agent"
  _ = pm_spawn(handle(.pm), 0, address(first.utf8Start), UInt64(first.utf8CodeUnitCount), 0, 0)
  while true {
    server_receive()
    let words = server.message.words
    if ipc_client(server.message.sender) == 0 {
      if server.message.label == Int64(KernelLabel.fault.rawValue) { restart(wards, count) { $0.task == words.0 } }
    } else if server.message.label == Int64(REINC_LABEL_REPORT) {
      restart(wards, count) { $0.service == words.0 }
      server_reply(0)
    } else {
      server_reply(ErrorCode.notImplemented.result)
    }
  }
}

/// Finds the services in the boot archive, in the order of their start; their number.
private func readWards(_ wards: UnsafeMutablePointer<Ward>) -> Int {
  let base = UnsafeRawPointer(archive_base())
  let header = base.loadUnaligned(as: ArchiveHeader.self)
  var count = 0
  for index in 0..<Int(min(header.count, 64)) where count < capacity {
    let place = base + ArchiveHeader.stride + index * ArchiveEntry.stride
    let rights = place.loadUnaligned(fromByteOffset: ArchiveEntry.rightsOffset, as: ArchiveRights.self)
    guard rights.service != 0, UInt64(rights.service) != Service.reinc.rawValue else { continue }
    wards[count] = Ward(
      name: place.loadUnaligned(as: (UInt64, UInt64).self), service: UInt64(rights.service), task: 0, restarts: 0,
      isOnDemand: rights.flags & ArchiveFlags.onDemand.rawValue != 0)
    count += 1
  }
  return count
}

/// Replaces the incarnation of the ward that `matches`, if there is one.
private func restart(_ wards: UnsafeMutablePointer<Ward>, _ count: Int, _ matches: (borrowing Ward) -> Bool) {
  for index in 0..<count where matches(wards[index]) {
    let ward = wards + index
    _ = task_end(ward.pointee.task, ErrorCode.serverDied.result)
    _ = task_collect(ward.pointee.task)
    ward.pointee.restarts += 1
    withName(ward) { name, length in reinc_restart(name, length) }
    start(ward)
    return
  }
}
