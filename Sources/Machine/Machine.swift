// The machine: one hart, RAM and the board, run deterministically. The way in for everything else; it owns all state.
// Callers must not expect it to know about terminals, files or host time.

/// A RISC-V computer like QEMU's `virt` board: RV64GC with Zba, Zbb and Zbs, M, S and U modes, Sv39, Sv48 and PMP.
///
/// Same configuration, same image and same inputs give the same run to the last bit. The machine owns its memory and
/// cannot be copied; `checkpoint` gives a value that can.
public struct Machine: ~Copyable {
  /// The physical address of the first byte of RAM.
  public static let memoryBase = MemoryMap.ram

  /// What the machine was made with.
  public let configuration: MachineConfiguration
  /// RAM, by physical addresses.
  ///
  /// Writes through it are seen by the hart like those of a device. It cannot be exchanged for another memory.
  public var memory: PhysicalMemory {
    _read { yield ram }
    _modify {
      // The run loop knows host addresses of this memory's pages.
      let identity = ram.identity
      yield &ram
      precondition(ram.identity == identity, "the memory of a machine can be written, but not exchanged")
    }
  }
  /// The devices.
  public var board: Board
  /// Raised from outside to make `run` return.
  public let stopFlag = StopFlag()
  /// Virtual addresses at which `run` stops before executing; one it has just stopped at is executed on the next call.
  public var breakpoints: Set<UInt64> = [] {
    didSet { probesChanged() }
  }
  /// Like breakpoints, reported with a reason of their own.
  public var tracepoints: Set<UInt64> = [] {
    didSet { probesChanged() }
  }
  /// The kinds of events that are written to the log.
  public var recording: EventMask = []
  /// The kinds of events after which `run` and `step` return `.event`.
  public var stoppingEvents: EventMask = []

  /// While set, every instruction that retires is counted in it, and execution is many times slower.
  public var profile: InstructionProfile?

  /// Physical ranges of RAM whose writes are events of the kind `watchedWrites`; other memory is as fast as ever.
  public var watchedMemory: [Range<UInt64>] = [] {
    didSet {
      ram.watch(watchedMemory)
      softwareTLB.forgetStores()
    }
  }

  /// The register whose last write `lastRegisterWrite` tells; instructions that cannot write it are as fast as ever.
  public var watchedRegister: WatchedRegister? {
    didSet { watchedRegisterChanged() }
  }
  /// `stepCount` before the last instruction or trap that wrote the watched register since that was chosen.
  public internal(set) var lastRegisterWrite: UInt64?
  var watchedRegisterValue: UInt64 = 0

  // x0 to x31, `Operation.discard`, f0 to f31. Safe because register numbers come from 5-bit fields.
  let registers: UnsafeMutablePointer<UInt64>
  static let registerCount = floatingPointBase + 32
  /// Behind the registers: one bit for each integer register that the reference path has written.
  static let writtenMask = registerCount

  var ram: PhysicalMemory
  var hart = HartState()
  var protection = PhysicalMemoryProtection()
  var tlb: ArchitecturalTLB
  var counts = Counters()

  var softwareTLB: SoftwareTLB
  var decodedCode: DecodedCode
  /// The value of `ram.pageMoves` up to which host addresses have been dropped.
  var seenPageMoves: UInt64 = 0
  /// Set when the run loop must come back before the next instruction.
  var needsBoundary = false
  /// The instruction count at which the next timed event is due.
  var nextEventCount: UInt64 = 0
  /// The tick at which the present run is to stop.
  var pauseTick = UInt64.max
  /// STIP as Sstc defines it.
  var timerComparePending = false
  /// Exceptions taken in a row without an instruction retiring, and where that was.
  var trapStreak = 0
  var trapStreakCount: UInt64 = 0
  /// Where `run` stopped at a probe, so that going on does not stop there again.
  var probeStop: (pc: UInt64, instructionCount: UInt64)?
  var events: [MachineEvent] = []
  var stoppingEvent: MachineEvent?

  /// Makes a machine in its reset state: M-mode, `pc` at the start of RAM, all memory zero.
  public init(_ configuration: MachineConfiguration) throws(MachineError) {
    let bytes = configuration.memoryBytes
    guard bytes >= 4096, bytes % 4096 == 0, bytes <= 1 << 40 else { throw .memorySize(bytes) }
    if let host = HostMemory.bytes, bytes > host { throw .memoryBeyondHost(bytes, host: host) }
    guard configuration.tlb.isValid else {
      throw .tlbGeometry(entries: configuration.tlb.entries, ways: configuration.tlb.ways)
    }
    guard configuration.instructionsPerTick > 0 else { throw .instructionsPerTick }
    self.init(valid: configuration)
  }

  init(valid configuration: MachineConfiguration) {
    self.configuration = configuration
    ram = PhysicalMemory(base: Self.memoryBase, size: configuration.memoryBytes)
    board = Board(configuration.board)
    tlb = ArchitecturalTLB(geometry: configuration.tlb)
    softwareTLB = SoftwareTLB(geometry: configuration.tlb)
    decodedCode = DecodedCode(pageCount: Int(configuration.memoryBytes >> 12))
    registers = .allocate(capacity: Self.registerCount + 1)
    registers.initialize(repeating: 0, count: Self.registerCount + 1)
    hart.pc = Self.memoryBase
    enterContext()
  }

  deinit {
    registers.deallocate()
  }

  /// Makes the hart's present state the context of loads, stores and fetches.
  mutating func enterContext() {
    softwareTLB.enterContext(
      satp: hart.satp, mstatus: hart.mstatus, fetchPrivilege: hart.privilege, dataPrivilege: hart.dataPrivilege)
  }

  /// Puts an image's segments and the device tree into RAM and points the hart at the entry.
  ///
  /// As after QEMU's reset code, `a0` holds the hart's number, 0, and `a1` the device tree's address, near the end of RAM.
  /// If the image has a symbol `tohost`, it can talk to the host through it.
  /// - Throws: `MachineError.segmentOutsideMemory` or `.noRoomForDeviceTree`; then RAM may be partly written.
  public mutating func load(_ elf: ELFFile) throws(MachineError) {
    let range = ram.base..<ram.base + ram.size
    for segment in elf.segments {
      guard ram.contains(segment.address, count: segment.memorySize) else {
        throw .segmentOutsideMemory(address: segment.address, bytes: segment.memorySize, memory: range)
      }
      _ = elf.contents(of: segment).withUnsafeBytes { ram.write(segment.address, from: $0) }
    }
    attachHostInterface(of: elf)
    let tree = Board.deviceTree(deviceTreeConfiguration).flattened
    guard UInt64(tree.count) <= ram.size else { throw .noRoomForDeviceTree(bytes: tree.count, memory: range) }
    let treeAddress = (range.upperBound - UInt64(tree.count)) & ~0xfff
    _ = tree.withUnsafeBytes { ram.write(treeAddress, from: $0) }
    hart.pc = elf.entry & ~1
    registers[10] = 0
    registers[11] = treeAddress
  }

  /// What the machine's own device tree says.
  var deviceTreeConfiguration: DeviceTreeConfiguration {
    var description = DeviceTreeConfiguration(
      memoryBytes: configuration.memoryBytes, bootArguments: configuration.bootArguments)
    description.hasSimpleDisk = configuration.board.simpleDisk != nil
    description.hasIOMMU = configuration.board.hasIOMMU
    return description
  }
}
