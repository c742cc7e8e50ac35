// The reincarnation server: it starts the services of this system in user mode, each with just the rights that its
// recipe gives it, and starts one again when it died or a client says that it fell silent.

import Interfaces
import Transport

@c @implementation
func program_main(_ arguments: UnsafePointer<UInt8>, _ length: UInt64) -> Int64 {
  guard let page = env_pages(1) else { return ErrorCode.noMemory.result }
  let wards = readWards(page)
  for index in 0..<wards.count where !wards.all[index].isOnDemand { start(wards.all + index) }
  // A program may expect its services to be ready: the last to be so is the file system, which reads the disk. Where
  // it and the process manager are in the kernel, that starts the first program, and has not made us callers of theirs.
  _ = fs_sync(handle(.fs))
  let first: StaticString = "agent"
  _ = pm_spawn(handle(.pm), 0, address(first.utf8Start), UInt64(first.utf8CodeUnitCount), 0, 0)
  while true {
    server_receive()
    if ipc_client(server.message.sender) == 0 {
      if server.message.label == Int64(KernelLabel.fault.rawValue) {
        let task = server.message.words.0
        if let ward = wards.first(where: { $0.task == task }) { restart(ward) }
      }
    } else {
      server_reply(answer(wards))
    }
  }
}

/// Finds the services in the boot archive, in the order of their start.
private func readWards(_ page: UnsafeMutableRawPointer) -> Wards {
  let base = UnsafeRawPointer(archive_base())
  let header = base.loadUnaligned(as: ArchiveHeader.self)
  var wards = Wards(page)
  for index in 0..<Int(min(header.count, 64)) where wards.count < Wards.capacity {
    let place = base + ArchiveHeader.stride + index * ArchiveEntry.stride
    let rights = place.loadUnaligned(fromByteOffset: ArchiveEntry.rightsOffset, as: ArchiveRights.self)
    guard rights.service != 0, UInt64(rights.service) != Service.reinc.rawValue else { continue }
    wards.all[wards.count] = Ward(
      name: place.loadUnaligned(as: (UInt64, UInt64).self), service: UInt64(rights.service), task: 0, restarts: 0,
      holders: 0, isOnDemand: rights.flags & ArchiveFlags.onDemand.rawValue != 0, isDriver: rights.device != 0)
    wards.count += 1
  }
  return wards
}
