// Tasks and their memory (Interfaces/tasks.h) for a process manager and a loader that are part of an application: an
// environment is made of pages that the application hands over.

import ExoLibrary
import Interfaces

@c @implementation
func task_create(
  _ name: UnsafePointer<UInt8>, _ nameLength: UInt64, _ program: UInt64, _ parent: UInt64, _ restarts: UInt64
) -> Int64 {
  guard nameLength > 0, nameLength < 16 else { return ErrorCode.nameTooLong.result }
  for index in 0..<UInt64(EXO_CHILD_COUNT) where exo_child_at(index).pointee == 0 {
    let words = nameWords(name, nameLength)
    let number = exo_environment_create(words.0, words.1, program, restarts)
    if number > 0 { exo_child_at(index).pointee = UInt64(number) }
    return number
  }
  return ErrorCode.tryAgain.result
}

/// A name of at most 15 bytes, padded with zeros.
func nameWords(_ name: UnsafePointer<UInt8>, _ length: UInt64) -> (UInt64, UInt64) {
  var words: (UInt64, UInt64) = (0, 0)
  withUnsafeMutableBytes(of: &words) {
    $0.copyMemory(from: UnsafeRawBufferPointer(start: name, count: Int(length)))
  }
  return words
}

@c @implementation
func task_start(_ task: UInt64, _ entry: UInt64, _ stack: UInt64, _ a0: UInt64, _ a1: UInt64) -> Int64 {
  if isReplacing(task) { return replace(entry, stack, a0, a1) }
  return exo_environment_start(task, entry, stack, a0, a1)
}

@c @implementation
func task_end(_ task: UInt64, _ status: Int64) -> Int64 {
  if task == exo_program.number { linger() }
  return exo_environment_end(task, status)
}

/// What the application wrote last to the network is on its way, and nobody else will see to it: for 200 ms at most.
private func linger() {
  let end = exo_time() &+ 2_000_000
  while exo_program.alarm != 0 && exo_time() < end { serveEvents(end &- exo_time()) }
}

@c @implementation
func task_collect(_ task: UInt64) -> Int64 {
  let result = exo_environment_collect(task)
  if result == 0 {
    for index in 0..<UInt64(EXO_CHILD_COUNT) where exo_child_at(index).pointee == task {
      exo_child_at(index).pointee = 0
    }
  }
  return result
}

/// No environment subsystem here: an application brings the system that it wants along.
@c @implementation
func task_set_foreign(_ task: UInt64) -> Int64 { ErrorCode.notImplemented.result }

/// A program of the family gets what its parent has: the devices' windows and the programs.
@c @implementation
func task_admit(_ task: UInt64, _ calls: UInt64) -> Int64 {
  _ = exo_environment_grant(task, ExoRight.window, UInt64(ENV_DEVICE_CONSOLE))
  // One of the two disks is there, and with it the right to it.
  _ = exo_environment_grant(task, ExoRight.window, UInt64(ENV_DEVICE_BLOCK))
  _ = exo_environment_grant(task, ExoRight.window, UInt64(ENV_DEVICE_SIMPLE_DISK))
  _ = exo_environment_grant(task, ExoRight.window, UInt64(ENV_DEVICE_NETWORK))
  return exo_environment_grant(task, ExoRight.archive, 0)
}

@c @implementation
func space_map(_ task: UInt64, _ start: UInt64, _ pages: UInt64, _ permissions: UInt64) -> Int64 {
  if isReplacing(task) { return stage(start, pages, permissions) }
  // One call where there are so many pages in a row.
  let physical = exo_page_allocate(task, start, pages, permissions)
  if physical >= 0 { return 0 }
  guard physical == ErrorCode.noMemory.result else { return physical }
  for index in 0..<pages {
    let single = exo_page_allocate(task, start &+ index &* Layout.pageSize, 1, permissions)
    guard single >= 0 else { return single }
  }
  return 0
}

@c @implementation
func space_unmap(_ task: UInt64, _ start: UInt64, _ pages: UInt64) -> Int64 {
  // The program that is left runs until its last step.
  isReplacing(task) ? 0 : exo_page_unmap(task, start, pages)
}

@c @implementation
func space_write(_ task: UInt64, _ destination: UInt64, _ source: UnsafeRawPointer, _ length: UInt64) -> Int64 {
  if isReplacing(task) { return stageBytes(destination, source, length) }
  // Through a window of the application's own onto one page of the other's after the other.
  let window = Layout.libraryWindow
  var done: UInt64 = 0
  while done < length {
    let virtual = destination &+ done
    let offset = virtual % Layout.pageSize
    let part = min(Layout.pageSize &- offset, length &- done)
    let mapped = exo_page_map(0, window, task, virtual.pageFloor, UInt64(SPACE_READ | SPACE_WRITE))
    guard mapped == 0 else { return mapped }
    memory(window &+ offset).copyMemory(from: source + Int(done), byteCount: Int(part))
    done &+= part
  }
  _ = exo_page_unmap(0, window, 1)
  exo_fence_instructions()
  return 0
}

@c @implementation
func archive_base() -> UnsafePointer<UInt8> {
  // Mapped once: the second call finds the pages there already.
  _ = exo_window_map(0, Layout.userArchive, 0)
  return UnsafePointer(memory(Layout.userArchive).assumingMemoryBound(to: UInt8.self))
}
