// The environment (Interfaces/env.h) of services that are linked with their only caller: nobody else runs, so nothing
// has to be locked, and every address is the caller's own.

import Interfaces
import KernelShared
import UniState

@c @implementation
func env_complete(_ request: UnsafeMutablePointer<env_request>, _ result: Int64) {
  request.pointee.result = result
  request.pointee.done = 1
}

@c @implementation
func env_await(_ request: UnsafeMutablePointer<env_request>) -> Int64 {
  while request.pointee.done == 0 {
    processor_wait()
    serveInterrupts()
  }
  return request.pointee.result
}

/// Calls the drivers whose devices have something to say.
private func serveInterrupts() {
  let external: UInt64 = 1 << 9
  while csr_read_sip() & external != 0 {
    let source = interrupt_claim()
    if source == 0 { break }
    serve(source)
  }
  guard uni.alarm != 0, read_time() >= uni.alarm else { return }
  uni.alarm = 0
  csr_write_stimecmp(.max)
  net_interrupt(uni.network)
}

private func serve(_ source: UInt64) {
  for index in 0..<UInt64(DEVICE_COUNT)
  where device_at(index).pointee.kind != 0 && device_at(index).pointee.interrupt == source {
    switch Int(device_at(index).pointee.kind) {
    // Whichever disk the linked driver drives: only its interrupt was ever enabled.
    case ENV_DEVICE_BLOCK, ENV_DEVICE_SIMPLE_DISK: return blk_interrupt(uni.block)
    case ENV_DEVICE_CONSOLE: return con_interrupt(uni.console)
    case ENV_DEVICE_NETWORK:
      nic_interrupt(uni.adapter)
      return net_interrupt(uni.network)
    default: break
    }
  }
  interrupt_disable(source)
}

@c @implementation
func env_acquire(_ lock: UnsafeMutablePointer<env_lock>) { lock.pointee.holder = 1 }

@c @implementation
func env_release(_ lock: UnsafeMutablePointer<env_lock>) { lock.pointee.holder = 0 }

@c @implementation
func env_pages(_ count: UInt64) -> UnsafeMutableRawPointer? { env_device_pages(count) }

@c @implementation
func env_device_pages(_ count: UInt64) -> UnsafeMutableRawPointer? {
  let frame = frame_allocate(count)
  return frame == 0 ? nil : memory(frame)
}

@c @implementation
func env_physical(_ place: UnsafeRawPointer) -> UInt64 { address(place) }

@c @implementation
func env_find_device(_ kind: UInt64, _ result: UnsafeMutablePointer<env_device>) -> Int64 {
  for index in 0..<UInt64(DEVICE_COUNT) where device_at(index).pointee.kind == kind {
    let device = device_at(index).pointee
    result.pointee.registers = memory(device.physical).assumingMemoryBound(to: UInt32.self)
    result.pointee.interrupt = device.interrupt
    return 0
  }
  return ErrorCode.notFound.result
}

@c @implementation
func env_enable_interrupt(_ interrupt: UInt64) -> Int64 {
  interrupt_enable(interrupt)
  return 0
}

@c @implementation
func env_finish_interrupt(_ interrupt: UInt64) { interrupt_complete(interrupt) }

@c @implementation
func env_copy_in(
  _ client: UInt64, _ destination: UnsafeMutableRawPointer, _ source: user_address, _ length: UInt64
) -> Int64 {
  destination.copyMemory(from: memory(source), byteCount: Int(truncatingIfNeeded: length))
  return 0
}

@c @implementation
func env_copy_out(
  _ client: UInt64, _ destination: user_address, _ source: UnsafeRawPointer, _ length: UInt64
) -> Int64 {
  memory(destination).copyMemory(from: source, byteCount: Int(truncatingIfNeeded: length))
  return 0
}

@c @implementation
func env_time() -> UInt64 { read_time() }

/// Nobody else is there to have the processor, but the devices may want it.
@c @implementation
func env_yield() { serveInterrupts() }

@c @implementation
func env_sleep(_ ticks: UInt64) {
  let start = read_time()
  while true {
    let passed = read_time() &- start
    guard passed < ticks else { return csr_write_stimecmp(uni.alarm == 0 ? .max : uni.alarm) }
    let end = start &+ ticks
    csr_write_stimecmp(uni.alarm != 0 && uni.alarm < end ? uni.alarm : end)
    processor_wait()
    serveInterrupts()
  }
}

@c @implementation
func env_set_alarm(_ time: UInt64) {
  uni.alarm = time
  csr_write_stimecmp(time == 0 ? .max : time)
}

/// One network service has the adapter to itself.
@c @implementation
func env_claim(_ kind: UInt64, _ value: UInt64) -> Int64 { 0 }

@c @implementation
func env_disclaim(_ kind: UInt64, _ value: UInt64) {}
