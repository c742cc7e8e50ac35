// Watchpoints and catchpoints: memory and events at which a guest stops, forwards and backwards.

import GuestABI
import Machine

/// An event at which a guest can be made to stop.
public enum CatchEvent: String, Codable, Hashable, Sendable, CaseIterable {
  /// A call of the kernel by a program: an environment call from U-mode.
  case syscall
  /// Any synchronous exception, system calls included.
  case trap
  /// An interrupt.
  case interrupt
  /// A change of the address space.
  case `switch`

  var mask: EventMask {
    switch self {
    case .syscall, .trap: .traps
    case .interrupt: .interrupts
    case .switch: .addressSpaceSwitches
    }
  }

  func matches(_ kind: MachineEvent.Kind) -> Bool {
    switch (self, kind) {
    case (.syscall, .trap(let cause, _, _, _)): cause == Self.environmentCallFromUser
    case (.trap, .trap), (.interrupt, .interrupt), (.switch, .addressSpaceSwitch): true
    default: false
    }
  }

  /// Exception codes 8 to 11 (privileged specification 1.12, table 3.6).
  private static let environmentCalls: ClosedRange<UInt64> = 8...11
  private static let environmentCallFromUser: UInt64 = 8

  /// What happened, in words.
  func sentence(_ kind: MachineEvent.Kind) -> String {
    switch kind {
    case .trap(let cause, let value, _, let privilege):
      let name = CauseName.exception(cause)
      // The name of an environment call says where it comes from.
      guard !Self.environmentCalls.contains(cause) else { return "\(rawValue): \(name)" }
      let address = value == 0 && !name.contains("page fault") ? "" : " at 0x" + String(value, radix: 16)
      return "\(rawValue): \(name)\(address), from \(privilege.letter)-mode"
    case .interrupt(let cause, _, let privilege):
      return "interrupt: \(CauseName.interrupt(cause)), from \(privilege.letter)-mode"
    case .addressSpaceSwitch(let old, let new):
      return "switch: address space \(AddressSpaceRoot(satp: old).asid) → \(AddressSpaceRoot(satp: new).asid)"
    default: return rawValue
    }
  }
}

extension System {
  /// The most bytes that one watchpoint covers.
  private static let longestWatch: UInt64 = 4096

  /// A watchpoint: physical, so that it means the same memory whatever address space is current.
  struct Watchpoint {
    let id: Int
    let name: String
    let address: UInt64
    let physical: Range<UInt64>
    var hits = 0
  }

  /// A catchpoint.
  struct Catchpoint {
    let id: Int
    let event: CatchEvent
    var hits = 0
  }

  /// Stops the guest after each write to some bytes, and `reverse-continue` before it.
  ///
  /// - Parameters:
  ///   - place: As for breakpoints; a register's or bare address is taken in the current address space.
  ///   - length: How many bytes, within one page; 8 when not given.
  /// - Throws: `LabError` when the place is not known or not in memory.
  public func setWatchpoint(at place: String, length: UInt64 = 8) throws(LabError) -> WatchpointReport {
    let (address, physical) = try memory(at: place, length: length)
    condition.breakpointCount += 1
    let watchpoint = Watchpoint(
      id: condition.breakpointCount, name: place, address: address, physical: physical)
    condition.watchpoints.append(watchpoint)
    return watchpoint.report
  }

  /// Stops the guest after each event of a kind, and `reverse-continue` before it.
  public func setCatchpoint(_ event: CatchEvent) -> CatchpointReport {
    condition.breakpointCount += 1
    let catchpoint = Catchpoint(id: condition.breakpointCount, event: event)
    condition.catchpoints.append(catchpoint)
    return catchpoint.report
  }

  /// The memory that a place names, virtual and physical.
  func memory(at place: String, length: UInt64) throws(LabError) -> (address: UInt64, physical: Range<UInt64>) {
    let (address, task) = try locate(place)
    let satp = machine.privilege == .machine ? 0 : try space(of: task).satp
    let name = "0x" + String(address, radix: 16)
    guard length >= 1, length <= Self.longestWatch,
      address % Layout.pageSize + length <= Layout.pageSize
    else {
      throw LabError(
        .badArgument, "\(length) bytes at \(name) do not lie in one page", hint: "1 to 4096 bytes within a page")
    }
    guard let physical = physical(address, satp: satp), machine.memory.contains(physical, count: length) else {
      throw LabError(.badAddress, "address \(name) is not mapped to memory", hint: "`translate \(name)` shows the walk")
    }
    return (address, physical..<physical + length)
  }

  /// What the machine has to tell for the watchpoints and catchpoints.
  var watchedEvents: EventMask {
    condition.catchpoints.reduce(into: condition.watchpoints.isEmpty ? [] : [.watchedWrites]) {
      $0.formUnion($1.event.mask)
    }
  }

  /// The stop that an event asks for; nil if nobody waits for it.
  func halt(at event: MachineEvent) -> Halt? {
    if let index = condition.catchpoints.firstIndex(where: { $0.event.matches(event.kind) }) {
      condition.catchpoints[index].hits += 1
      let catchpoint = condition.catchpoints[index]
      return .caught(id: catchpoint.id, text: catchpoint.event.sentence(event.kind))
    }
    guard case .watchedWrite(let address, let count, let pc, let writer) = event.kind, writer != .host,
      let index = condition.watchpoints.firstIndex(where: {
        $0.physical.overlaps(address..<address + UInt64(count))
      })
    else { return nil }
    condition.watchpoints[index].hits += 1
    let watchpoint = condition.watchpoints[index]
    return .watchpoint(id: watchpoint.id, text: sentence(watchpoint, writer: writer, pc: pc))
  }
}

extension System.Watchpoint {
  var report: WatchpointReport {
    WatchpointReport(
      id: id, name: name, address: address, physical: physical.lowerBound, length: UInt64(physical.count), hits: hits)
  }
}

extension System.Catchpoint {
  var report: CatchpointReport { CatchpointReport(id: id, event: event, hits: hits) }
}
