// The services that a recipe may put into the kernel or outside it: their start, and the way of interrupts to them.
//
// Which of the two it is shows in nothing but the size of the instance: that of a stub is 0.

import Interfaces
import KernelShared
import Residents

@c @implementation
func residents_instance(_ size: UInt64, _ service: UInt64) -> UnsafeMutableRawPointer {
  guard size > 0 else { return memory(service) }
  guard let place = env_pages(size.pageCeiling / Layout.pageSize) else {
    kernel_panic(("no memory for the services" as StaticString).utf8Start)
  }
  return place
}

@c @implementation
func residents_start() {
  residents.block = OpaquePointer(residents_instance(blk_size(), Service.blk.rawValue))
  residents.console = OpaquePointer(residents_instance(con_size(), Service.con.rawValue))
  residents.files = OpaquePointer(residents_instance(fs_size(), Service.fs.rawValue))
  residents.pipes = OpaquePointer(residents_instance(pipe_size(), Service.pipe.rawValue))
  residents.adapter = OpaquePointer(residents_instance(nic_size(), Service.nic.rawValue))
  residents.network = OpaquePointer(residents_instance(net_size(), Service.net.rawValue))

  // What a driver or the disk refuses here is every later request's error.
  _ = con_init(residents.console)
  _ = blk_init(residents.block)
  _ = pipe_init(residents.pipes)
  offer(.con, con_size(), con_gate, residents.console)
  offer(.blk, blk_size(), blk_gate, residents.block)
  offer(.pipe, pipe_size(), pipe_gate, residents.pipes)
  _ = fs_init(residents.files, residents.block)
  offer(.fs, fs_size(), fs_gate, residents.files)
  _ = nic_init(residents.adapter)
  _ = net_init(residents.network, residents.adapter)
  offer(.net, net_size(), net_gate, residents.network)
}

/// Lets user mode call a service that is here.
private func offer(_ service: Service, _ size: UInt64, _ answer: gate, _ instance: OpaquePointer) {
  guard size > 0 else { return }
  message_offer(service.rawValue, answer, UnsafeMutableRawPointer(instance))
}

@c @implementation
func residents_interrupt(_ source: UInt64) -> Bool {
  // Only the network service sets an alarm.
  if source == UInt64(INTERRUPT_ALARM) {
    net_interrupt(residents.network)
    return true
  }
  for index in 0..<UInt64(DEVICE_COUNT)
  where device_at(index).pointee.interrupt == source && device_at(index).pointee.owner == 0 {
    switch Int(device_at(index).pointee.kind) {
    // Whichever disk the linked driver drives: only its interrupt was ever enabled.
    case ENV_DEVICE_BLOCK, ENV_DEVICE_SIMPLE_DISK: blk_interrupt(residents.block)
    case ENV_DEVICE_CONSOLE: con_interrupt(residents.console)
    case ENV_DEVICE_NETWORK:
      nic_interrupt(residents.adapter)
      net_interrupt(residents.network)
    default: continue
    }
    return true
  }
  return false
}
