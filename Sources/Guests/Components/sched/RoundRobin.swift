// Preemptive round robin: a first-in, first-out queue of task slots and one time slice for all.
//
// Callers must not pass slots beyond 31: such a slot is ignored, since a policy can neither run nor report it.

import Interfaces

/// The queue: a doubly linked list threaded through a table by slot, so that every operation takes constant time.
struct RoundRobin {
  /// Slots 0…31.
  static var slots: Int { 32 }
  /// 10 ms at 10 million ticks a second.
  static var timeSlice: UInt64 { 100_000 }
  /// The list's end in `next` and `previous`.
  static var none: UInt8 { .max }

  var next = InlineArray<32, UInt8>(repeating: RoundRobin.none)
  var previous = InlineArray<32, UInt8>(repeating: RoundRobin.none)
  var first = RoundRobin.none
  var last = RoundRobin.none
  /// Bit n is set while slot n is in the queue.
  var queued: UInt32 = 0

  mutating func append(_ slot: UInt64) {
    guard slot < RoundRobin.slots, queued & (1 << slot) == 0 else { return }
    let index = Int(truncatingIfNeeded: slot)
    next[index] = RoundRobin.none
    previous[index] = last
    if last == RoundRobin.none {
      first = UInt8(truncatingIfNeeded: slot)
    } else {
      next[Int(last)] = UInt8(truncatingIfNeeded: slot)
    }
    last = UInt8(truncatingIfNeeded: slot)
    queued |= 1 << slot
  }

  mutating func remove(_ slot: UInt64) {
    guard slot < RoundRobin.slots, queued & (1 << slot) != 0 else { return }
    let index = Int(truncatingIfNeeded: slot)
    let before = previous[index]
    let after = next[index]
    if before == RoundRobin.none { first = after } else { next[Int(before)] = after }
    if after == RoundRobin.none { last = before } else { previous[Int(after)] = before }
    queued &= ~(1 << slot)
  }

  mutating func takeFirst() -> Int64 {
    guard first != RoundRobin.none else { return -1 }
    let slot = first
    remove(UInt64(slot))
    return Int64(slot)
  }
}

/// Bytes of an instance.
@c @implementation
public func sched_size() -> UInt64 {
  UInt64(MemoryLayout<RoundRobin>.stride)
}

/// Makes the queue empty.
@c @implementation
public func sched_init(_ policy: OpaquePointer) {
  UnsafeMutablePointer<RoundRobin>(policy).initialize(to: RoundRobin())
}

/// Puts `slot` at the end of the queue; nothing happens when it is already there.
@c @implementation
public func sched_ready(_ policy: OpaquePointer, _ slot: UInt64) {
  UnsafeMutablePointer<RoundRobin>(policy).pointee.append(slot)
}

/// Takes `slot` out of the queue, wherever it stands.
@c @implementation
public func sched_remove(_ policy: OpaquePointer, _ slot: UInt64) {
  UnsafeMutablePointer<RoundRobin>(policy).pointee.remove(slot)
}

/// Takes the slot that has waited longest; -1 when nobody waits.
@c @implementation
public func sched_next(_ policy: OpaquePointer) -> Int64 {
  UnsafeMutablePointer<RoundRobin>(policy).pointee.takeFirst()
}

/// 1 when a slot is in the queue.
@c @implementation
public func sched_waiting(_ policy: OpaquePointer) -> UInt64 {
  UnsafeMutablePointer<RoundRobin>(policy).pointee.queued != 0 ? 1 : 0
}

/// The time slice in ticks.
@c @implementation
public func sched_slice(_ policy: OpaquePointer) -> UInt64 {
  RoundRobin.timeSlice
}
