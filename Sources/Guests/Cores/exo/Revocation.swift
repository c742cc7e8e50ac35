// When memory runs short: the environment that holds most is asked to give pages back, and who does not, loses some.

import ExoState
import Interfaces
import KernelShared

/// Pages asked for at a time, so that not every allocation has to ask.
private var request: UInt64 { 128 }
/// How long an environment has to comply: 10 ms.
private var patience: UInt64 { 100_000 }

/// Frames in a row for the current task, by revocation if need be; 0 when there are none.
func takeFrames(_ count: UInt64) -> UInt64 {
  let frame = frame_allocate(count)
  if frame != 0 { return frame }
  let current = kernel.current.pointee.slot
  // Who holds most has nobody else to ask.
  guard let victim = largestHolder(), victim != current else { return 0 }
  let number = task_number(task_at(victim))
  ask(victim, max(request, count))
  task_deadline(kernel.current, patience)
  _ = task_wait(UInt64(WaitReason.time.rawValue))
  let late = frame_allocate(count)
  if late != 0 { return late }
  if task_find(number) != nil && !hasEnded(task_at(victim)) { repossess(victim) }
  return frame_allocate(count)
}

private func largestHolder() -> UInt64? {
  var found: UInt64?
  var most: UInt64 = 0
  for slot in 1..<UInt64(TASK_COUNT) where environment_at(slot).pointee.pages > most {
    found = slot
    most = environment_at(slot).pointee.pages
  }
  return found
}

/// Visible revocation: the environment learns how many pages it shall give back, and chooses which.
private func ask(_ slot: UInt64, _ count: UInt64) {
  let environment = environment_at(slot)
  let pages = environment.pointee.pages
  environment.pointee.allowance = pages > count ? pages &- count : 0
  if let area = area(slot) { word(area &+ UpcallArea.wanted).pointee = count }
  if task_at(slot).pointee.waits_in_kernel == 0 && deliver(task_at(slot), UpcallKind.revocation, 0, 0) { return }
  post(slot, ExoEvent.revocation)
}

/// The abort protocol: what it holds beyond that is taken, and it can read which.
private func repossess(_ slot: UInt64) {
  // Its data first; without the rest it could not even look.
  take(slot, from: Layout.anonymousBase..<Layout.anonymousEnd)
  take(slot, from: Layout.programBase..<Layout.userEnd)
}

private func take(_ slot: UInt64, from range: Range<UInt64>) {
  let environment = environment_at(slot)
  forEachPage(slot, in: range) { virtual in
    guard environment.pointee.pages > environment.pointee.allowance else { return false }
    guard virtual != environment.pointee.area, let place = leaf(slot, virtual),
      owns(slot, Bits.physical(place.pointee))
    else { return true }
    remove(slot, virtual)
    if let area = area(slot) {
      let count = environment.pointee.taken
      word(area &+ UpcallArea.repossessedList &+ count % UpcallArea.repossessedCapacity &* 8).pointee = virtual
      word(area &+ UpcallArea.repossessed).pointee = count &+ 1
    }
    environment.pointee.taken &+= 1
    return true
  }
}
