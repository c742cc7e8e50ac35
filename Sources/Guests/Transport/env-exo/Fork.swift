// Fork: the application makes the copy of itself. Its pages are shown to the copy and copied by whoever writes first, in
// the application's own fault handler; the kernel only maps.

import ExoLibrary
import Interfaces
import Transport

private var readWrite: UInt64 { UInt64(SPACE_READ | SPACE_WRITE) }
private var pageSize: UInt64 { Layout.pageSize }

/// What the library needs for itself is copied at once: the stack that this very call runs on, the handler's stack, and
/// what devices work on.
@c @implementation
func exo_fork(_ stack: UInt64) -> Int64 {
  for index in 0..<UInt64(EXO_CHILD_COUNT) where exo_child_at(index).pointee == 0 {
    let created = exo_environment_create(0, 0, 0, 0)
    guard created > 0 else { return created }
    let child = UInt64(created)
    exo_program.fork_stack = stack
    var result = task_admit(child, 0)
    let upcalls = address(exo_upcall_area())
    if result >= 0 { result = copyPages(child, upcalls, UInt64(EXO_UPCALL_PAGES)) }
    if result >= 0 { result = copyPages(child, stack.pageFloor, (Layout.stackTop &- stack.pageFloor) / pageSize) }
    for index in 0..<UInt64(EXO_DEVICE_MEMORY_COUNT) where result >= 0 {
      let range = exo_device_memory_at(index)
      guard range.pointee.pages > 0 else { continue }
      result = copyPages(child, range.pointee.address, range.pointee.pages)
      if result > 0 { range.pointee.copy = UInt64(result) }
    }
    guard result >= 0 else {
      _ = exo_environment_end(child, result)
      _ = exo_environment_collect(child)
      return result
    }
    exo_child_at(index).pointee = child
    return created
  }
  return ErrorCode.tryAgain.result
}

/// Gives the child pages of its own in a row with what this environment has there; their physical address.
private func copyPages(_ child: UInt64, _ start: UInt64, _ pages: UInt64) -> Int64 {
  let physical = exo_page_allocate(child, start, pages, readWrite)
  guard physical > 0 else { return physical }
  let copied = space_write(child, start, UnsafeRawPointer(memory(start)), pages &* pageSize)
  return copied < 0 ? copied : physical
}

/// The services' memory is copied at once, too: a handler that reads a page in from a file works on it.
@c @implementation
func task_inherit(_ parent: UInt64, _ child: UInt64) -> Int64 {
  var copied = copyPages(child, Layout.libraryBase, (exo_program.next_page &- Layout.libraryBase) / pageSize)
  if copied >= 0 && exo_program.has_network != 0 {
    copied = copyPages(child, address(UnsafeRawPointer(exo_program.adapter)), pagesOf(nic_size()))
    if copied >= 0 { copied = copyPages(child, address(UnsafeRawPointer(exo_program.network)), pagesOf(net_size())) }
  }
  return copied < 0 ? copied : 0
}

@c @implementation
func task_continue(_ task: UInt64, _ a0: UInt64, _ a1: UInt64) -> Int64 {
  // The same holds for the library's own state: it is this environment's again from here on.
  exo_touch(&exo_program.number)
  exo_touch(exo_child_at(UInt64(EXO_CHILD_COUNT) - 1))
  return exo_environment_start(task, exo_fork_entry(), exo_program.fork_stack, a0, a1)
}

/// The copy's first steps: what it inherited is its parent's until here.
@c @implementation
func exo_forked() {
  _ = exo_upcall_register(exo_upcall_entry(), exo_upcall_area(), exo_upcall_stack())
  let parent = exo_program.number
  exo_program.number = UInt64(exo_identify())
  library_set_client(exo_program.number)
  exo_program.child_ended = 0
  for index in 0..<UInt64(EXO_CHILD_COUNT) { exo_child_at(index).pointee = 0 }
  for index in 0..<UInt64(EXO_DEVICE_MEMORY_COUNT) {
    let range = exo_device_memory_at(index).pointee
    noteDevicePages(range.address, range.pages, range.copy)
  }
  // The console's window where the driver expects it; the disk's driver begins anew, with a shadow of its own.
  _ = exo_window_map(UInt64(ENV_DEVICE_CONSOLE), exo_program.console_window, 0)
  _ = blk_init(exo_program.disk)
  // Connections stay with the parent.
  exo_program.alarm = 0
  initializeNetwork()
  fs_forget(exo_program.files, parent)
  // No two applications share a writable extent.
  exo_program.scratch_disk = nil
  exo_program.scratch_files = nil
}

// MARK: Memory

@c @implementation
func space_share(_ parent: UInt64, _ child: UInt64, _ start: UInt64, _ pages: UInt64) -> Int64 {
  let end = start &+ pages &* pageSize
  var next = exo_page_status(0, start)
  while next.result > 0 && next.second < end {
    let virtual = next.second
    var permissions = UInt64(next.result)
    if permissions & UInt64(SPACE_WRITE) != 0 {
      permissions = permissions & ~UInt64(SPACE_WRITE) | ExoPermission.mark
    }
    // What the copy already has, and what is no memory, is not shared.
    let there = exo_page_status(child, virtual)
    if there.result <= 0 || there.second != virtual {
      let mapped = exo_page_map(child, virtual, 0, virtual, permissions)
      if mapped == 0 && permissions != UInt64(next.result) {
        _ = exo_page_map(0, virtual, 0, virtual, permissions)
      }
      guard mapped == 0 || mapped == ErrorCode.notPermitted.result else { return mapped }
    }
    next = exo_page_status(0, virtual &+ pageSize)
  }
  return 0
}

@c @implementation
func space_copy(_ task: UInt64, _ virtual: UInt64) -> Int64 {
  let page = virtual.pageFloor
  let status = exo_page_status(0, page)
  guard status.result > 0, status.second == page, UInt64(status.result) & ExoPermission.mark != 0 else {
    return ErrorCode.notFound.result
  }
  let window = Layout.libraryWindow &- pageSize
  let physical = exo_page_allocate(0, window, 1, readWrite)
  guard physical > 0 else { return physical }
  memory(window).copyMemory(from: memory(page), byteCount: Int(pageSize))
  let mapped = exo_page_map(0, page, 0, window, UInt64(status.result) & 7 | UInt64(SPACE_WRITE))
  _ = exo_page_unmap(0, window, 1)
  return mapped
}

@c @implementation
func space_available() -> UInt64 { exo_pages_free() }
