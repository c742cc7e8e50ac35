// Upcalls: the kernel tells an environment of its page faults and of pages it wants back; events wait to be asked for.
//
// The interrupted registers go into a page of the environment's own, so that it may look at them and change them.

import ExoState
import Interfaces
import KernelShared

/// Bytes of the pc and x1…x31.
private var registerBytes: Int { 256 }

/// The environment's save area, as the kernel reaches it; nil when there is none that could be written.
func area(_ slot: UInt64) -> UInt64? {
  let virtual = environment_at(slot).pointee.area
  guard virtual != 0 else { return nil }
  let physical = space_resolve(satp(slot), virtual, UInt64(SPACE_WRITE))
  return page(physical) == nil ? nil : physical
}

func registerUpcalls(_ task: UnsafeMutablePointer<task>, _ entry: UInt64, _ area: UInt64, _ stack: UInt64) -> Int64 {
  guard isUserRange(area, 1) else { return ErrorCode.invalid.result }
  let environment = environment_at(task.pointee.slot)
  environment.pointee.entry = entry
  environment.pointee.area = area
  environment.pointee.stack = stack
  return 0
}

/// Makes an environment that is not in the kernel continue in its handler; false when it has none, or is in it.
func deliver(_ task: UnsafeMutablePointer<task>, _ kind: UInt64, _ address: UInt64, _ access: UInt64) -> Bool {
  let environment = environment_at(task.pointee.slot)
  guard environment.pointee.entry != 0, environment.pointee.upcall == 0, let area = area(task.pointee.slot) else {
    return false
  }
  memory(area).copyMemory(from: UnsafeRawPointer(task), byteCount: registerBytes)
  word(area &+ UpcallArea.kind).pointee = kind
  word(area &+ UpcallArea.address).pointee = address
  word(area &+ UpcallArea.access).pointee = access
  environment.pointee.upcall = kind
  environment.pointee.pc = task_register(task, 0)
  task_set_register(task, 0, environment.pointee.entry)
  task_set_register(task, 2, environment.pointee.stack)
  task_set_register(task, 10, environment.pointee.area)
  return true
}

/// The handler is done.
func returnFromUpcall(_ task: UnsafeMutablePointer<task>, _ refusal: UInt64) {
  let environment = environment_at(task.pointee.slot)
  let kind = environment.pointee.upcall
  environment.pointee.upcall = 0
  guard kind != 0 else { return task_set_register(task, 10, UInt64(bitPattern: ErrorCode.invalid.result)) }
  if let area = area(task.pointee.slot) {
    UnsafeMutableRawPointer(task).copyMemory(from: memory(area), byteCount: registerBytes)
    if refusal == 0 || kind != UpcallKind.pageFault {
      if environment.pointee.events & ExoEvent.revocation != 0 {
        environment.pointee.events &= ~ExoEvent.revocation
        _ = deliver(task, UpcallKind.revocation, 0, 0)
      }
      return
    }
  }
  // The fault stands as it was.
  task_set_register(task, 0, environment.pointee.pc)
  task_fault(task_number(task), environment.pointee.cause, environment.pointee.address)
  core_fault(task, environment.pointee.cause, environment.pointee.address)
}

// MARK: Events

/// Tells an environment of an event, now if it waits for one.
func post(_ slot: UInt64, _ event: UInt64) {
  let environment = environment_at(slot)
  environment.pointee.events |= event
  if environment.pointee.waits != 0 { task_wake(task_at(slot)) }
}

/// Waits for an event or a time; the events.
///
/// Nobody signals a page between the caller's last look at the word and the wait: the word is looked at here.
func waitForEvents(
  _ task: UnsafeMutablePointer<task>, _ ticks: UInt64, _ wantsConsole: UInt64, _ place: UInt64, _ expected: UInt64
) throws(ErrorCode) -> UInt64 {
  let environment = environment_at(task.pointee.slot)
  if wantsConsole != 0 && exo.console_pending != 0 { environment.pointee.events |= ExoEvent.console }
  if place != 0 {
    let physical = space_resolve(satp(task.pointee.slot), place, UInt64(SPACE_READ))
    guard page(physical) != nil, place % 8 == 0 else { throw .badAddress }
    if word(physical).pointee != expected { environment.pointee.events |= ExoEvent.page }
    environment.pointee.place = physical.pageFloor
  }
  if environment.pointee.events == 0 {
    if ticks != 0 { task_deadline(task, ticks) }
    environment.pointee.waits = 1
    environment.pointee.wants_console = wantsConsole
    _ = task_wait(UInt64((ticks == 0 ? WaitReason.request : WaitReason.time).rawValue))
    environment.pointee.waits = 0
  }
  environment.pointee.place = 0
  let events = environment.pointee.events
  environment.pointee.events = 0
  return events
}

/// Wakes whoever waits at a page that the caller may write.
func signal(_ task: UnsafeMutablePointer<task>, _ virtual: UInt64) throws(ErrorCode) -> Int64 {
  let physical = space_resolve(satp(task.pointee.slot), virtual, UInt64(SPACE_WRITE)).pageFloor
  guard page(physical) != nil else { throw .badAddress }
  for slot in 1..<UInt64(TASK_COUNT)
  where environment_at(slot).pointee.waits != 0 && environment_at(slot).pointee.place == physical {
    post(slot, ExoEvent.page)
  }
  return 0
}
