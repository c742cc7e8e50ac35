// When memory runs short, or the host says so: an environment is asked to give pages back, and who does not, loses some.

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
  if task_find(number) != nil && !hasEnded(task_at(victim)) { settle(victim, byForce: late == 0) }
  return late != 0 ? late : frame_allocate(count)
}

// MARK: The host's requests

/// Asks for what the host has written down, if anything.
func askForTheHost() {
  let pages = exo_resources.revoked_pages
  exo_resources.revoked_pages = 0
  guard let task = task_find(exo_resources.revoked_task), !hasEnded(task) else { return }
  let environment = environment_at(task.pointee.slot)
  ask(task.pointee.slot, pages)
  environment.pointee.due = read_time() &+ patience
  task_set_alarm(task_at(0), environment.pointee.due)
}

/// No service is in this kernel; its own alarm is about revocations.
@c @implementation
func residents_interrupt(_ source: UInt64) -> Bool {
  guard source == UInt64(INTERRUPT_ALARM) else { return false }
  var next: UInt64 = 0
  for slot in 1..<UInt64(TASK_COUNT) {
    let environment = environment_at(slot)
    guard environment.pointee.due != 0 else { continue }
    if environment.pointee.due <= read_time() {
      environment.pointee.due = 0
      settle(slot, byForce: true)
    } else if next == 0 || environment.pointee.due < next {
      next = environment.pointee.due
    }
  }
  if next != 0 { task_set_alarm(task_at(0), next) }
  return true
}

@c @implementation
func residents_start() {}

// MARK: The protocol

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
  environment.pointee.asked &+= min(count, pages)
  environment.pointee.before = pages
  if let area = area(slot) { word(area &+ UpcallArea.wanted).pointee = count }
  // One that is in the kernel learns of it when it waits.
  let isOutside = task_at(slot) != kernel.current && task_at(slot).pointee.waits_in_kernel == 0
  if isOutside && deliver(task_at(slot), UpcallKind.revocation, 0, 0) { return }
  post(slot, ExoEvent.revocation)
}

/// The time to comply is over.
private func settle(_ slot: UInt64, byForce: Bool) {
  let environment = environment_at(slot)
  let (before, pages) = (environment.pointee.before, environment.pointee.pages)
  if before > pages {
    environment.pointee.given &+= min(before &- pages, before &- environment.pointee.allowance)
  }
  environment.pointee.before = 0
  if byForce { repossess(slot) }
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
