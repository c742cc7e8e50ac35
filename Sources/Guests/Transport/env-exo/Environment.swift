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
func env_release(_ lock: UnsafeMutablePointer<env_lock>) {
  exo_program.locks &-= 1
  if exo_program.wanted != 0 { givePagesBack() }
}

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
  let start = exo_program.next_device_page
  let first = devicePage(start)
  guard first < UInt64(EXO_DEVICE_PAGE_COUNT), count <= UInt64(EXO_DEVICE_PAGE_COUNT) - first else { return nil }
  for index in 0..<UInt64(EXO_DEVICE_MEMORY_COUNT) where exo_device_memory_at(index).pointee.pages == 0 {
    let physical = exo_page_allocate(0, start, count, UInt64(SPACE_READ | SPACE_WRITE))
    guard physical > 0 else { return nil }
    exo_program.next_device_page = start &+ count &* Layout.pageSize
    exo_device_memory_at(index).pointee = exo_device_memory(address: start, pages: count, is_cache: 0, copy: 0)
    noteDevicePages(start, count, UInt64(physical))
    return memory(start)
  }
  return nil
}

/// The index of a page of device memory; of anything else a number that is none.
private func devicePage(_ virtual: UInt64) -> UInt64 { (virtual &- Layout.userDMA) / Layout.pageSize }

func noteDevicePages(_ start: UInt64, _ count: UInt64, _ physical: UInt64) {
  for index in 0..<count {
    exo_device_page_at(devicePage(start) &+ index).pointee = physical &+ index &* Layout.pageSize
  }
}

/// Takes a page of device memory that was given back again; false when the address is on none.
func refillDevicePage(_ virtual: UInt64) -> Bool {
  let index = devicePage(virtual)
  guard virtual < exo_program.next_device_page, index < UInt64(EXO_DEVICE_PAGE_COUNT),
    exo_device_page_at(index).pointee == 0
  else { return false }
  let physical = exo_page_allocate(0, virtual.pageFloor, 1, UInt64(SPACE_READ | SPACE_WRITE))
  guard physical > 0 else { return false }
  exo_device_page_at(index).pointee = UInt64(physical)
  return true
}

@c @implementation
func env_physical(_ place: UnsafeRawPointer) -> UInt64 {
  let virtual = address(place)
  let index = devicePage(virtual)
  guard index < UInt64(EXO_DEVICE_PAGE_COUNT) else { return 0 }
  // A device meets no page fault: what it is told of has to be there.
  if exo_device_page_at(index).pointee == 0 && !refillDevicePage(virtual) { return 0 }
  return exo_device_page_at(index).pointee &+ virtual % Layout.pageSize
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
