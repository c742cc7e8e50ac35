// What the host writes down when a guest passes a place it watches.
//
// Reads registers and memory only; the guest goes on as if nobody had looked.

import GuestABI
import Machine
import RISCV

extension System {
  /// A step on the way of the call under way, at the present instruction.
  private func step(_ kind: PathStep.Kind, _ name: String, component: String? = nil, detail: String? = nil) -> PathStep
  {
    PathStep(
      kind: kind, name: name, privilege: machine.privilege.letter, task: currentTaskName,
      icount: machine.instructionCount, component: component, detail: detail)
  }

  // MARK: The call's borders

  func enterCall() {
    guard let pending = condition.pending, pending.phase == .entering else { return }
    condition.pending?.enter(
      step(.libraryCall, pending.call.symbol), returnAddress: machine[register: 1], space: currentSatp,
      counters: machine.counters)
    beginProfile()
  }

  func leaveCall() {
    guard let pending = condition.pending, pending.isCounting else { return }
    condition.pending?.leave(
      step(.return, pending.call.symbol), result: Int64(bitPattern: machine[register: 10]), counters: machine.counters)
    if let messages = condition.pending?.messages { condition.messages += messages }
    endProfile()
  }

  // MARK: On the way

  /// A component's entry point; a component that calls its own entry point does not count.
  func noteEntry(_ component: String, _ symbol: String, program: ProgramImage?) {
    guard condition.pending?.isCounting == true else { return }
    guard program?.component(at: machine[register: 1]) != component else { return }
    condition.pending?.countCall(step(.call, symbol, component: component))
  }

  func noteMessage(_ point: Observation.MessagePoint) {
    guard condition.pending?.isCounting == true else { return }
    let table = taskTable
    func name(_ id: UInt64) -> String { id == 0 ? "kernel" : table.name(id: id) ?? "task \(id)" }
    let route = "\(name(machine[register: point.sender])) → \(name(machine[register: point.receiver]))"
    condition.pending?.countMessage(step(.message, route, detail: point.way), way: point.way)
  }

  /// An entry of the machine's event log, from the moment at which it happened.
  func note(_ event: MachineEvent) {
    switch event.kind {
    case .trap(let cause, _, _, let privilege):
      note(trap: CauseName.exception(cause), kind: .trap, at: event.instructionCount, from: privilege)
    case .interrupt(let cause, _, let privilege):
      note(trap: CauseName.interrupt(cause), kind: .interrupt, at: event.instructionCount, from: privilege)
    case .addressSpaceSwitch(let old, let new):
      eventSatp = new
      guard condition.pending?.isCounting == true else { return }
      let name = taskName(satp: new)
      let from = AddressSpaceRoot(satp: old).asid
      let to = AddressSpaceRoot(satp: new).asid
      condition.pending?.add(
        PathStep(
          kind: .addressSpaceSwitch, name: "to \(name ?? "address space \(to)")", privilege: "S", task: name,
          icount: event.instructionCount, detail: "\(from) → \(to)"))
    case .trapReturn, .deviceAccess, .wait, .watchedWrite: break
    }
  }

  private func note(trap name: String, kind: PathStep.Kind, at icount: UInt64, from privilege: Privilege) {
    if recordsTraps { trapNames.append(name) }
    condition.pending?.closeIdle(at: icount)
    guard condition.pending?.isCounting == true else { return }
    condition.pending?.add(
      PathStep(
        kind: kind, name: name, privilege: "S", task: taskName(satp: eventSatp), icount: icount,
        detail: "from \(privilege.letter)"))
  }

  // MARK: Faults and restarts

  /// The most events that one command reports.
  private static let mostEvents = 100

  /// The kernel ends a task because of a trap: a0 holds its number, a1 the cause, a2 the address.
  ///
  /// The trap's registers may be another one's by now: where a pager had the first word, it was the pager's call.
  func noteTaskFault() {
    // A destroyed table can make the kernel end tasks for ever.
    guard condition.events.count < Self.mostEvents else { return }
    let table = taskTable
    let number = machine[register: 10]
    let row = table.rows.first { $0.corruption == nil && UInt64($0.record.id) == number }
    let task = row?.name ?? "task \(number)"
    let scause = machine[register: 11]
    let cause = CauseName.of(scause: scause)
    let address = machine[register: 12]
    let counter = row.flatMap { physicalWord($0.record.frame) } ?? controlRegister(.sepc)
    let place = location(of: counter, satp: row?.record.satp ?? currentSatp)
    let text = "\(cause) at 0x\(String(address, radix: 16)) in \(place.name) (U-mode): the kernel ends \(task)"
    condition.events.append(
      SystemEvent(kind: .taskFault, text: text, icount: machine.instructionCount, task: task, location: place))
    detected(by: "\(CauseName.detector(scause: scause)) (\(cause))", task: task)
    if task == Self.agentName { condition.agentFaulted = true }
    ended(task, program: row.flatMap { image.program(at: $0.record.program) })
  }

  /// A service gets a new incarnation; its name is in a0 and a1.
  func noteRestart() {
    let count = Int(min(machine[register: 11], 32))
    let bytes = read(machine[register: 10], count: count, satp: currentSatp)
    let name = bytes.map { String(decoding: $0, as: UTF8.self) } ?? "a service"
    condition.events.append(
      SystemEvent(
        kind: .restart, text: "\(name) is started again", icount: machine.instructionCount, task: name))
    restarted(name)
  }
}
