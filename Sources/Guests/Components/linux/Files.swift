// What the subsystem keeps for each foreign program: its open files and the end of its heap. This system's descriptors
// belong to the subsystem; the program sees numbers of its own.
//
// One thread: nothing else touches these tables.

import Interfaces
import LinuxState

/// The row of a program's open file.
private func row(_ task: UInt64, _ number: UInt64) -> UnsafeMutablePointer<linux_file>? {
  for index in 0..<UInt64(LINUX_FILES) {
    let file = linux_file_at(index)
    if file.pointee.task == task && file.pointee.number == number { return file }
  }
  return nil
}

/// Calls `body` with this system's descriptor for a program's number.
///
/// 0, 1 and 2 are the console, which every task of this system has.
func withFile(_ task: UInt64, _ number: UInt64, _ body: (UInt64) -> Int64) -> Int64 {
  if let file = row(task, number) { return body(file.pointee.descriptor) }
  return number <= 2 ? body(number) : ErrorCode.badDescriptor.result
}

/// Files a descriptor under the program's lowest free number.
func keep(_ descriptor: UInt64, for task: UInt64) -> Int64 {
  guard let file = freeRow() else {
    _ = sys_close(descriptor)
    return ErrorCode.tooManyOpenFiles.result
  }
  var number: UInt64 = 3
  while row(task, number) != nil { number &+= 1 }
  file.pointee = linux_file(task: task, number: number, descriptor: descriptor)
  return Int64(number)
}

/// A free row, if need be one whose program is gone.
private func freeRow() -> UnsafeMutablePointer<linux_file>? {
  for index in 0..<UInt64(LINUX_FILES) where linux_file_at(index).pointee.task == 0 { return linux_file_at(index) }
  for index in 0..<UInt64(LINUX_FILES) {
    let file = linux_file_at(index)
    var byte: UInt8 = 0
    guard space_read(file.pointee.task, Layout.programBase, &byte, 1) == ErrorCode.noSuchTask.result else { continue }
    closeFiles(of: file.pointee.task)
    return file
  }
  return nil
}

func close(_ task: UInt64, _ number: UInt64) -> Int64 {
  guard let file = row(task, number) else { return number <= 2 ? 0 : ErrorCode.badDescriptor.result }
  file.pointee.task = 0
  return sys_close(file.pointee.descriptor)
}

func closeFiles(of task: UInt64) {
  for index in 0..<UInt64(LINUX_FILES) where linux_file_at(index).pointee.task == task {
    linux_file_at(index).pointee.task = 0
    _ = sys_close(linux_file_at(index).pointee.descriptor)
  }
  if linux_heap_at(task).pointee.task == task { linux_heap_at(task).pointee.task = 0 }
}

/// Linux's `brk`: the end of the heap, moved if it can be.
func moveBreak(of task: UInt64, to end: UInt64) -> Int64 {
  let heap = linux_heap_at(task)
  if heap.pointee.task != task { heap.pointee = linux_heap(task: task, end: Layout.anonymousBase) }
  guard end > heap.pointee.end, end < Layout.anonymousEnd else { return Int64(heap.pointee.end) }
  let first = heap.pointee.end.pageCeiling
  let pages = (end.pageCeiling &- first) / Layout.pageSize
  if pages > 0, space_map(task, first, pages, UInt64(SPACE_READ | SPACE_WRITE)) != 0 {
    return Int64(heap.pointee.end)
  }
  heap.pointee.end = end
  return Int64(end)
}
