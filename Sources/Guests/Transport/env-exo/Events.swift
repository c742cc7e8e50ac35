// What the kernel tells an application: interrupts and ended children when it waits, page faults and revocations by
// upcall, in the middle of whatever it does.

import ExoLibrary
import Interfaces

/// Waits for events, at most for `ticks` (0: for ever), and deals with them.
func serveEvents(_ ticks: UInt64) {
  var changes: UInt64 = 0
  let waitsAtPipe = exo_program.pipe_request != nil
  let awaited = exo_pipe_awaited(&changes)
  if waitsAtPipe && awaited == nil { return }
  var limit = ticks
  if exo_program.alarm != 0 {
    // One tick at least: 0 would be for ever.
    let left = max(exo_program.alarm, exo_time() &+ 1) &- exo_time()
    if limit == 0 || left < limit { limit = max(left, 1) }
  }
  let events = exo_wait(limit, con_waiting(exo_program.console), awaited.map { address($0) } ?? 0, changes)
  if events & ExoEvent.disk != 0 {
    blk_interrupt(exo_program.disk)
    if let disk = exo_program.scratch_disk { blk_interrupt(disk) }
  }
  let isDue = exo_program.alarm != 0 && exo_program.alarm <= exo_time()
  if isDue { exo_program.alarm = 0 }
  if events & ExoEvent.network != 0 { nic_interrupt(exo_program.adapter) }
  if isDue || events & ExoEvent.network != 0 { net_interrupt(exo_program.network) }
  if events & ExoEvent.page != 0 { exo_pipe_retry() }
  if events & ExoEvent.console != 0 { con_interrupt(exo_program.console) }
  if events & ExoEvent.revocation != 0 { notePagesWanted() }
  if exo_program.wanted != 0 { givePagesBack() }
  if events & ExoEvent.child != 0 { exo_program.child_ended = 1 }
  reportChildren()
}

/// Tells the process manager of children that have ended.
///
/// It calls other services for that: none of them may be in the middle of something.
func reportChildren() {
  guard exo_program.child_ended != 0, exo_program.locks == 0 else { return }
  exo_program.child_ended = 0
  for index in 0..<UInt64(EXO_CHILD_COUNT) {
    let child = exo_child_at(index).pointee
    guard child != 0 else { continue }
    let status = exo_environment_status(child)
    if status.result == 1 { pm_exit(exo_program.processes, child, Int64(bitPattern: status.second)) }
  }
}

private func notePagesWanted() {
  exo_program.wanted = word(address(exo_upcall_area()) &+ UpcallArea.wanted).pointee
}

/// Gives pages back that the kernel wants, unless a service is in the middle of something: then when it is done.
func givePagesBack() {
  guard exo_program.locks == 0 else { return }
  let wanted = exo_program.wanted
  exo_program.wanted = 0
  _ = exo_give_pages(wanted)
}

@c @implementation
func exo_upcall(_ area: UInt64) -> Int64 {
  guard word(area &+ UpcallArea.kind).pointee == UpcallKind.pageFault else {
    notePagesWanted()
    givePagesBack()
    return 0
  }
  let virtual = word(area &+ UpcallArea.address).pointee
  let access = word(area &+ UpcallArea.access).pointee
  if !wasRepossessed(area, virtual.pageFloor) {
    if refillDevicePage(virtual) { return 0 }
    if vm_fault(exo_program.memory, exo_program.number, virtual, access) == 0 { return 0 }
  }
  // A bad address in a call is the call's error; anything else ends the application.
  let pc = word(area &+ UpcallArea.registers)
  guard exo_copy_covers(pc.pointee) != 0 else { return 1 }
  pc.pointee = exo_copy_failed()
  return 0
}

/// Whether the kernel took the page at an address by force: its content is lost, and zeros would be a lie.
private func wasRepossessed(_ area: UInt64, _ virtual: UInt64) -> Bool {
  let count = min(word(area &+ UpcallArea.repossessed).pointee, UpcallArea.repossessedCapacity)
  for index in 0..<count where word(area &+ UpcallArea.repossessedList &+ index &* 8).pointee == virtual {
    return true
  }
  return false
}
