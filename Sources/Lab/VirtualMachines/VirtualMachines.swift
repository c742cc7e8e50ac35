// Several systems side by side, each a virtual machine: its own memory, its own copy-on-write disk, a port on the switch.
// They get the processor in turn, for the same simulated time each, so that equal commands lead to equal runs.

import GuestABI
import Machine

/// What to start as a virtual machine.
public struct VirtualMachineRequest: Equatable, Sendable {
  /// A linked image, a program to be linked with the usual choices, or a structure with all of its system.
  public var image: String
  /// Its name; nil: made from the image's.
  public var name: String?
  /// RAM in bytes, a multiple of 4096.
  public var memoryBytes: UInt64
  /// The most instructions that it may take until its first program is ready.
  public var limit: UInt64

  /// A request with the usual settings.
  public init(
    image: String, name: String? = nil, memoryBytes: UInt64 = 64 << 20, limit: UInt64 = Laboratory.defaultLimit
  ) {
    self.image = image
    self.name = name
    self.memoryBytes = memoryBytes
    self.limit = limit
  }
}

extension Laboratory {
  /// Starts a virtual machine; it and the others run until its first program is ready.
  ///
  /// - Throws: `LabError` when there is no such image, the name is taken, or the guest does not come up.
  public func startVirtualMachine(_ request: VirtualMachineRequest) throws(LabError) -> VirtualMachineReport {
    var boot = BootRequest(structure: request.image, memoryBytes: request.memoryBytes, limit: request.limit)
    var base = request.image
    if let structure = try? structure(request.image), structure == request.image {
      base = freshName(for: structure)
    } else {
      boot.structure = Self.applicationStructure
      boot.application = request.image
    }
    let name = request.name ?? freshName(base)
    guard !systems.contains(where: { $0.name == name }) else {
      throw LabError(.badArgument, "there is a system `\(name)` already", hint: "choose another name")
    }
    let guest = monitor.add(name)
    let system: System
    do throws(LabError) {
      system = try make(
        boot, structure: boot.structure, name: name, adapter: NetworkAdapter(address: guest.address, link: .external))
    } catch {
      monitor.guests.removeAll { $0.name == name }
      throw error
    }
    system.isVirtualMachine = true
    systems.append(system)
    if currentName == nil { currentName = name }
    let stopped = run(budget: request.limit) { monitor in
      monitor.guests.contains { $0.name == name && $0.ready != nil } || system.condition.state != .running
    }
    guard let row = virtualMachine(name) else {
      throw LabError(.noSystem, "`\(name)` is gone", hint: "`vm list`")
    }
    if row.startInstructions == nil, row.state != .halted {
      throw LabError(
        .guestContract, "`\(name)` did not come up: \(row.reason ?? stopped ?? "its instructions were used up")",
        hint: "`use \(name)` and `info system` show where it stands")
    }
    return row
  }

  /// Lets all virtual machines run in turn.
  ///
  /// - Parameter milliseconds: Simulated time; less when all have ended or wait for something from outside.
  /// - Throws: `LabError` when there is none.
  public func runVirtualMachines(milliseconds: UInt64) throws(LabError) -> VirtualMachineList {
    guard !monitor.guests.isEmpty else {
      throw LabError(.noSystem, "there is no virtual machine", hint: "`vm start hello` starts one")
    }
    for guest in monitor.guests { try self.system(named: guest.name).beginCommand() }
    let (ticks, overflow) = milliseconds.multipliedReportingOverflow(by: 10_000)
    let end = monitor.now.addingReportingOverflow(overflow ? .max : ticks)
    let last = end.overflow ? UInt64.max : end.partialValue
    let stopped = run(budget: limit, end: last)
    var list = virtualMachines()
    list.stopped = stopped
    return list
  }

  /// All virtual machines.
  public func virtualMachines() -> VirtualMachineList {
    VirtualMachineList(
      time: monitor.now, quantum: monitor.quantum, frames: monitor.network.forwardedFrames,
      machines: monitor.guests.compactMap { virtualMachine($0.name) })
  }

  /// Switches a virtual machine off and removes it.
  ///
  /// - Throws: `LabError` when there is none of that name.
  public func stopVirtualMachine(_ name: String) throws(LabError) -> VirtualMachineReport {
    let names = monitor.guests.map(\.name)
    guard let report = virtualMachine(name) else {
      throw LabError(
        .noSystem, "there is no virtual machine `\(name)`\(Nearest.suggestion(for: name, among: names))",
        hint: names.isEmpty ? "`vm start hello` starts one" : "machines: " + names.joined(separator: " "))
    }
    monitor.guests.removeAll { $0.name == name }
    systems.removeAll { $0.name == name }
    if currentName == name { currentName = systems.last?.name }
    return report
  }

  private func virtualMachine(_ name: String) -> VirtualMachineReport? {
    guard let guest = monitor.guests.first(where: { $0.name == name }),
      let system = systems.first(where: { $0.name == name })
    else { return nil }
    return VirtualMachineReport(
      name: name, kernel: system.kernel, application: system.image.application, state: system.condition.state,
      waiting: system.condition.state == .running && system.machine.sleepsUntil == .max,
      reason: system.condition.reason, imageBytes: system.image.loadableBytes, memoryBytes: system.boot.memoryBytes,
      startInstructions: guest.ready?.instructions, startTicks: guest.ready?.ticks,
      instructions: system.machine.instructionCount, vmExits: system.machine.counters.virtualMachineExits,
      turns: guest.turns, networkAddress: "\(guest.address)",
      console: String(decoding: system.condition.console.takeFresh(), as: UTF8.self))
  }

  // MARK: Turns

  /// Gives each machine its turns until the monitor's clock shows `end` or `isDone`.
  ///
  /// - Returns: Why it ended before; nil when it did not.
  private func run(
    budget: UInt64, end: UInt64 = .max, until isDone: (Monitor) -> Bool = { _ in false }
  ) -> String? {
    var rest = budget
    for index in monitor.guests.indices { monitor.guests[index].isContinuing = false }
    while monitor.now < end {
      var running = 0
      var wake = UInt64.max
      for index in monitor.guests.indices {
        let guest = monitor.guests[index]
        guard let system = systems.first(where: { $0.name == guest.name }), system.condition.state == .running else {
          continue
        }
        running += 1
        if let reason = turn(of: system, index, end: end, rest: &rest) { return reason }
        if system.condition.state == .running {
          let sleep = system.machine.sleepsUntil.map { $0 == .max ? .max : $0 &+ guest.joined } ?? 0
          wake = min(wake, sleep)
        }
      }
      monitor.endRound()
      if isDone(monitor) { return nil }
      if running == 0 { return "no virtual machine is running any more" }
      if rest == 0 { return "the budget of \(budget.grouped) instructions was used up" }
      wake = min(wake, monitor.network.nextEvent)
      if monitor.guests.contains(where: { monitor.hasArrived(for: $0) }) { continue }
      if wake == .max { return "every virtual machine waits for something from outside" }
      monitor.skip(to: min(wake, end))
    }
    return nil
  }

  /// One machine's turn: it runs to the end of the round in its own time.
  ///
  /// - Returns: Why all must stop; nil when the next may have its turn.
  private func turn(of system: System, _ index: Int, end last: UInt64, rest: inout UInt64) -> String? {
    var guest = monitor.guests[index]
    let end = monitor.now &+ monitor.quantum &- guest.joined
    if !monitor.hasArrived(for: guest), let sleeps = system.machine.sleepsUntil, sleeps > end { return nil }
    let frames = monitor.takeArrived(for: guest)
    if let slot = system.machine.board.networkSlots.first {
      for frame in frames { system.apply(.board(.frame(frame, slot: slot))) }
    }
    if !frames.isEmpty { guest.isContinuing = false }
    guest.turns += 1
    let start = system.machine.instructionCount
    defer {
      rest -= min(rest, system.machine.instructionCount - start)
      monitor.send(system.takeSentFrames(), from: guest)
      monitor.guests[index] = guest
    }
    while system.machine.time < end, system.condition.state == .running {
      if system.isParked {
        guest.isContinuing = false
        system.sleep(milliseconds: last == .max ? 1 : max(1, Int64(clamping: (last - min(last, monitor.now)) / 10_000)))
      }
      var goal = DriveGoal(budget: rest - min(rest, system.machine.instructionCount - start))
      if goal.budget == 0 { return nil }
      goal.budgetIsGoal = true
      goal.endTick = end
      goal.continuesRun = guest.isContinuing
      let halt = system.drive(goal)
      guest.isContinuing = true
      switch halt {
      case .parked where guest.ready == nil:
        guest.ready = (system.machine.instructionCount, system.machine.time)
        // Whoever started it may have something for the agent to do.
        if system.image.hasAgent { return nil }
      case .parked, .stepped, .panicked, .halted, .hung: break
      case .interrupted: return "interrupted"
      default:
        return "`\(system.name)`: \(system.interruption(halt).reason ?? system.interruption(halt).stop.rawValue)"
      }
    }
    return nil
  }
}

extension System {
  /// Makes the parked agent sleep, so that the rest of the system runs.
  fileprivate func sleep(milliseconds: Int64) {
    let mailbox = agentImage.address(of: Observation.mailbox) ?? 0
    guard let request = try? MarshalledCall(.sleep, [.number(milliseconds)], mailbox: mailbox) else { return }
    try? post(.sleep, request)
    condition.pending = nil
  }

  /// What the guest has sent over a link that leads out of the machine.
  fileprivate func takeSentFrames() -> [TimedFrame] {
    machine.board.networkSlots.flatMap { takeSentFrames(slot: $0) }
  }
}
