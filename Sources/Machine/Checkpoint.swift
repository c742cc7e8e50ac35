// The whole machine at one moment, as a value. Breakpoints, recording and the event log belong to the observer and are
// not part of it.

/// The state of a machine: cheap to take, because memory is shared until it is written.
public struct Checkpoint: Sendable {
  /// The machine's configuration.
  public let configuration: MachineConfiguration
  /// The instructions that had retired.
  public var instructionCount: UInt64 { hart.instructionCount }

  let memory: MemorySnapshot
  let hart: HartState
  let registers: [UInt64]
  let protection: PhysicalMemoryProtection
  let tlb: ArchitecturalTLB
  let board: Board
  let counters: Counters
}

extension Checkpoint {
  /// The exceptions and interrupts taken, and the instructions retired; see `Machine.stepCount`.
  public var stepCount: UInt64 { hart.instructionCount &+ counters.traps &+ counters.interrupts }

  /// The bytes of RAM that differ from those of a later checkpoint of the same machine, in whole pages.
  ///
  /// That is what keeping this one beside the other costs.
  public func changedBytes(until later: Checkpoint) -> UInt64 {
    UInt64(memory.changedPages(until: later.memory)) * PhysicalMemory.pageSize
  }

  /// Whether a page may have been written between this and a later checkpoint of the same machine.
  ///
  /// - Parameter address: a physical address in the page.
  public func mayDiffer(from later: Checkpoint, inPageOf address: UInt64) -> Bool {
    !memory.sharesPage(of: address, with: later.memory)
  }
}

extension Machine {
  /// The present state.
  public mutating func checkpoint() -> Checkpoint {
    Checkpoint(
      configuration: configuration, memory: ram.snapshot(), hart: hart,
      registers: Array(UnsafeBufferPointer(start: registers, count: Self.registerCount)), protection: protection,
      tlb: tlb,
      board: board, counters: counts)
  }

  /// Goes back, or forward, to a state of a machine with the same amount of memory.
  ///
  /// - Throws: `MachineError.checkpointOfOtherMachine` if memory or the TLB's geometry differ.
  public mutating func restore(_ checkpoint: Checkpoint) throws(MachineError) {
    guard checkpoint.configuration.memoryBytes == configuration.memoryBytes,
      checkpoint.configuration.tlb == configuration.tlb,
      checkpoint.configuration.instructionsPerTick == configuration.instructionsPerTick
    else { throw .checkpointOfOtherMachine }
    adopt(checkpoint)
  }

  /// Makes an independent machine in the state of a checkpoint.
  public init(forking checkpoint: Checkpoint) {
    self.init(valid: checkpoint.configuration)
    adopt(checkpoint)
  }

  private mutating func adopt(_ checkpoint: Checkpoint) {
    ram.restore(checkpoint.memory)
    hart = checkpoint.hart
    for number in 0..<Self.registerCount { registers[number] = checkpoint.registers[number] }
    protection = checkpoint.protection
    tlb = checkpoint.tlb
    board = checkpoint.board
    counts = checkpoint.counters
    trapStreak = 0
    probeStop = nil
    stoppingEvent = nil
    memoryChanged(by: .host)
    translationChanged()
    updateTimedEvents()
  }
}
