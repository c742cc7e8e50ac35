// What one library call costs and which way it takes, recorded while the guest runs.
//
// A value: a checkpoint taken in the middle of a call keeps it. It counts from the first instruction of the library
// function to its return; what runs before and after is not seen.

import GuestABI
import Machine

/// Counts one call of the agent.
struct CallRecorder {
  /// Steps kept; a call that waits for a spinning task could fill any memory.
  static let maximumSteps = 4096

  /// Where the call is.
  enum Phase: Equatable {
    /// The agent has not reached the library function yet.
    case entering
    case inside(returnAddress: UInt64)
    case returned(Int64)
  }

  let call: LibraryCall
  /// Whether a command waits for the report; steps that only let the system run are not worth one.
  let isReported: Bool
  /// Where the call's output appears, as an address in the agent's memory.
  let output: Range<UInt64>?

  private(set) var phase = Phase.entering
  /// The agent's `satp`, known once the call was entered.
  private(set) var space: UInt64?
  private(set) var idleInstructions: UInt64 = 0
  private(set) var path: [PathStep] = []
  private(set) var pathOmitted = 0
  /// The ways that messages took.
  private(set) var messages = MessageStatistics()
  private var counters = CallCounters()
  private var base = Counters()
  private var start: UInt64 = 0
  private var idleSince: UInt64?

  init(call: LibraryCall, isReported: Bool, output: Range<UInt64>?) {
    self.call = call
    self.isReported = isReported
    self.output = output
  }

  /// Whether the guest is inside the call, so that things count.
  var isCounting: Bool {
    if case .inside = phase { return true }
    return false
  }

  var result: Int64? {
    if case .returned(let value) = phase { return value }
    return nil
  }

  /// The agent stands at the library function's first instruction.
  mutating func enter(_ step: PathStep, returnAddress: UInt64, space: UInt64, counters: Counters) {
    self.space = space
    phase = .inside(returnAddress: returnAddress)
    base = counters
    start = step.icount
    add(step)
  }

  /// The library function has returned.
  mutating func leave(_ step: PathStep, result: Int64, counters: Counters) {
    guard isCounting else { return }
    closeIdle(at: step.icount)
    add(step)
    self.counters = total(counters, icount: step.icount)
    phase = .returned(result)
  }

  /// Adds a step whose instruction count is since reset.
  mutating func add(_ step: PathStep) {
    guard path.count < Self.maximumSteps else {
      pathOmitted += 1
      return
    }
    var relative = step
    relative.icount = step.icount &- start
    path.append(relative)
  }

  /// A component was entered from another one.
  mutating func countCall(_ step: PathStep) {
    counters.calls += 1
    add(step)
  }

  mutating func countMessage(_ step: PathStep, way: String) {
    counters.messages += 1
    messages.ways[way, default: 0] += 1
    add(step)
  }

  /// A message could not take the fastpath.
  mutating func countFastpathMiss(_ reason: String) {
    if isCounting { messages.fastpathMisses[reason, default: 0] += 1 }
  }

  mutating func countCopy(bytes: UInt64) { counters.bytesCopied &+= bytes }

  /// The kernel found nothing to run.
  mutating func beginIdle(at icount: UInt64) {
    if idleSince == nil { idleSince = icount }
  }

  /// A trap or interrupt was taken: idling, if the kernel did, is over.
  mutating func closeIdle(at icount: UInt64) {
    guard let since = idleSince else { return }
    idleInstructions += icount &- since
    idleSince = nil
  }

  /// What the call has cost so far, or in all when it has returned.
  func counters(now: Counters, icount: UInt64) -> CallCounters {
    isCounting ? total(now, icount: icount) : counters
  }

  private func total(_ now: Counters, icount: UInt64) -> CallCounters {
    var total = counters
    total.take(now - base)
    let openIdle = idleSince.map { icount &- $0 } ?? 0
    total.instructions = total.instructions &- idleInstructions &- openIdle
    return total
  }
}

extension CallCounters {
  /// Takes over what the machine counts; calls, messages and copied bytes are counted by tracepoints.
  mutating func take(_ machine: Counters) {
    instructions = machine.instructions
    traps = machine.traps
    addressSpaceSwitches = machine.addressSpaceSwitches
    tlbMisses = machine.tlbMisses
    pageTableReads = machine.pageTableReads
    mmioAccesses = machine.mmioAccesses
    interrupts = machine.interrupts
    vmExits = machine.virtualMachineExits
  }

  /// The same with the modelled price filled in.
  func priced(by model: CostModel) -> CallCounters {
    var priced = self
    priced.cycles = model.cycles(of: self)
    return priced
  }
}
