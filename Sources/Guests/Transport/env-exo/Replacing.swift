// Exec: the application takes itself apart and another one together, in its own address space. The kernel only maps
// pages, and is told the new name.
//
// The new program's pages are made elsewhere first. The library's memory stays, with open files, pipes and children:
// the new program's library finds its state there.

import ExoLibrary
import Interfaces
import Transport

private var pageSize: UInt64 { Layout.pageSize }
private var readWrite: UInt64 { UInt64(SPACE_READ | SPACE_WRITE) }

/// The page with the plan, and in its second half the code that carries it out.
private var planPage: UInt64 { Layout.libraryWindow &- 3 &* pageSize }
/// The page with the library's state, and in its second half that of the Unix call layer.
private var statePage: UInt64 { Layout.libraryWindow &- 2 &* pageSize }
private var half: UInt64 { pageSize / 2 }

/// In a part of the stack that outlives the program: whether the library's state lies on its page.
private var isContinued: UnsafeMutablePointer<UInt64> { word(Layout.libraryState) }

private var plan: UnsafeMutablePointer<exo_plan> { memory(planPage).assumingMemoryBound(to: exo_plan.self) }

/// Whether what is asked for a task is for the program that takes this one's place.
func isReplacing(_ task: UInt64) -> Bool { exo_program.plan != nil && task == exo_program.number }

@c @implementation
func task_clear(
  _ task: UInt64, _ name: UnsafePointer<UInt8>, _ nameLength: UInt64, _ program: UInt64
) -> Int64 {
  guard task == exo_program.number else { return ErrorCode.notPermitted.result }
  precondition(MemoryLayout<exo_program_state>.size <= Int(half) && unix_size() <= half)
  let allocated = exo_page_allocate(0, planPage, 2, UInt64(SPACE_READ | SPACE_WRITE | SPACE_EXECUTE))
  guard allocated > 0 else { return allocated }
  let words = nameWords(name, nameLength)
  _ = exo_environment_rename(words.0, words.1, program)
  exo_program.plan = plan
  exo_program.next_stage = Layout.libraryStage
  return 0
}

func stage(_ start: UInt64, _ pages: UInt64, _ permissions: UInt64) -> Int64 {
  let index = plan.pointee.count
  let place = exo_program.next_stage
  guard index < UInt64(EXO_STAGED_COUNT), pages <= (Layout.stackTop &- Layout.stackSize &- place) / pageSize else {
    return ErrorCode.noMemory.result
  }
  let allocated = exo_page_allocate(0, place, pages, readWrite)
  guard allocated > 0 else { return allocated }
  exo_staged_at(plan, index).pointee = exo_staged(
    address: start, stage: place, pages: pages, permissions: permissions)
  plan.pointee.count = index &+ 1
  exo_program.next_stage = place &+ pages &* pageSize
  return 0
}

func stageBytes(_ destination: UInt64, _ source: UnsafeRawPointer, _ length: UInt64) -> Int64 {
  for index in 0..<plan.pointee.count {
    let row = exo_staged_at(plan, index).pointee
    let offset = destination &- row.address
    guard offset < row.pages &* pageSize else { continue }
    guard length <= row.pages &* pageSize &- offset else { return ErrorCode.badAddress.result }
    memory(row.stage &+ offset).copyMemory(from: source, byteCount: Int(length))
    return 0
  }
  // The arguments, on the stack that is still in use.
  guard length <= UInt64(EXO_ARGUMENTS_SIZE) else { return ErrorCode.badAddress.result }
  plan.pointee.arguments_place = destination
  plan.pointee.arguments_length = length
  UnsafeMutableRawPointer(exo_plan_arguments(plan)).copyMemory(from: source, byteCount: Int(length))
  return 0
}

/// Leaves this program for the staged one.
func replace(_ entry: UInt64, _ stack: UInt64, _ a0: UInt64, _ a1: UInt64) -> Int64 {
  plan.pointee.entry = entry
  plan.pointee.stack = stack
  plan.pointee.a0 = a0
  plan.pointee.a1 = a1
  exo_program.plan = nil
  memory(statePage).copyMemory(from: &exo_program, byteCount: MemoryLayout<exo_program_state>.size)
  memory(statePage &+ half).copyMemory(from: library_calls(), byteCount: Int(unix_size()))
  isContinued.pointee = 1
  // Its handler is about to go: until the next one registers, a fault ends the application.
  _ = exo_upcall_register(0, exo_upcall_area(), exo_upcall_stack())
  let code = planPage &+ half
  memory(code).copyMemory(from: exo_replacement(), byteCount: Int(exo_replacement_size()))
  exo_fence_instructions()
  exo_run(code, planPage)
}

/// Takes the library's state over from the program before; false when there was none.
func continueLibrary() -> Bool {
  guard isContinued.pointee != 0 else { return false }
  isContinued.pointee = 0
  withUnsafeMutableBytes(of: &exo_program) {
    $0.copyMemory(from: UnsafeRawBufferPointer(start: memory(statePage), count: $0.count))
  }
  library_calls().copyMemory(from: memory(statePage &+ half), byteCount: Int(unix_size()))
  _ = exo_page_unmap(0, planPage, 2)
  return true
}
