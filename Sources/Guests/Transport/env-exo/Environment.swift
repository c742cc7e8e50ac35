// The environment (Interfaces/env.h) of services that are linked into the application that uses them: its own pages,
// devices through windows that the kernel checks, one thread.
//
// A user_address is an address of the application itself.

import ExoLibrary
import Interfaces

@c @implementation
func env_complete(_ request: UnsafeMutablePointer<env_request>, _ result: Int64) {
  request.pointee.result = result
  request.pointee.done = 1
}

@c @implementation
func env_await(_ request: UnsafeMutablePointer<env_request>) -> Int64 {
  reportChildren()
  while request.pointee.done == 0 { serveEvents(0) }
  return request.pointee.result
}

/// One thread: nobody else can hold a lock while it runs, but what holds one must not be entered for a child's sake.
@c @implementation
func env_acquire(_ lock: UnsafeMutablePointer<env_lock>) { exo_program.locks &+= 1 }

@c @implementation
func env_release(_ lock: UnsafeMutablePointer<env_lock>) { exo_program.locks &-= 1 }

// MARK: Memory

@c @implementation
func env_pages(_ count: UInt64) -> UnsafeMutableRawPointer? {
  let start = exo_program.next_page
  guard exo_page_allocate(0, start, count, UInt64(SPACE_READ | SPACE_WRITE)) > 0 else { return nil }
  exo_program.next_page = start &+ count &* Layout.pageSize
  return memory(start)
}

@c @implementation
func env_device_pages(_ count: UInt64) -> UnsafeMutableRawPointer? {
  for index in 0..<UInt64(EXO_DEVICE_MEMORY_COUNT) where exo_device_memory_at(index).pointee.pages == 0 {
    let start = exo_program.next_device_page
    let physical = exo_page_allocate(0, start, count, UInt64(SPACE_READ | SPACE_WRITE))
    guard physical > 0 else { return nil }
    exo_program.next_device_page = start &+ count &* Layout.pageSize
    exo_device_memory_at(index).pointee = exo_device_memory(
      address: start, physical: UInt64(physical), pages: count, copy: 0)
    return memory(start)
  }
  return nil
}

@c @implementation
func env_physical(_ place: UnsafeRawPointer) -> UInt64 {
  for index in 0..<UInt64(EXO_DEVICE_MEMORY_COUNT) {
    let range = exo_device_memory_at(index)
    let offset = address(place) &- range.pointee.address
    if offset < range.pointee.pages &* Layout.pageSize { return range.pointee.physical &+ offset }
  }
  return 0
}

@c @implementation
func env_copy_in(
  _ client: UInt64, _ destination: UnsafeMutableRawPointer, _ source: user_address, _ length: UInt64
) -> Int64 { exo_copy(address(destination), source, length) }

@c @implementation
func env_copy_out(
  _ client: UInt64, _ destination: user_address, _ source: UnsafeRawPointer, _ length: UInt64
) -> Int64 { exo_copy(destination, address(source), length) }

// MARK: Devices

@c @implementation
func env_find_device(_ kind: UInt64, _ device: UnsafeMutablePointer<env_device>) -> Int64 {
  let place = exo_program.next_window
  let window = exo_window_map(kind, place, exo_program.extent)
  guard window.result == 0 else { return window.result }
  exo_program.next_window = place &+ Layout.pageSize
  if kind == UInt64(ENV_DEVICE_CONSOLE) {
    exo_program.console_window = place
    exo_program.console_interrupt = window.second
  }
  device.pointee.registers = memory(place).assumingMemoryBound(to: UInt32.self)
  device.pointee.interrupt = window.second
  return 0
}

/// Whoever has a device's window is told of its interrupts.
@c @implementation
func env_enable_interrupt(_ interrupt: UInt64) -> Int64 { 0 }

/// The disk's and the adapter's interrupts are the kernel's to finish; finishing the console's when there was none does nothing.
@c @implementation
func env_finish_interrupt(_ interrupt: UInt64) {
  if interrupt == exo_program.console_interrupt { _ = exo_interrupt_finish(UInt64(ENV_DEVICE_CONSOLE)) }
}

// MARK: Time

@c @implementation
func env_time() -> UInt64 { exo_time() }

@c @implementation
func env_yield() { _ = exo_slice_yield(0) }

@c @implementation
func env_sleep(_ ticks: UInt64) {
  let start = exo_time()
  while true {
    let passed = exo_time() &- start
    guard passed < ticks else { return }
    serveEvents(ticks &- passed)
  }
}

@c @implementation
func env_set_alarm(_ time: UInt64) { exo_program.alarm = time }

// MARK: The adapter, which all applications share

@c @implementation
func env_claim(_ kind: UInt64, _ value: UInt64) -> Int64 { exo_filter_bind(kind, value) }

@c @implementation
func env_disclaim(_ kind: UInt64, _ value: UInt64) { _ = exo_filter_release(kind, value) }
