// A disk controller that has nothing to do with virtio, so that "the hardware changed" can be tried out. QEMU's board
// has none: guests must run without it, and find it, where there is one, by its device-tree node.
//
// Data sheet. `kernelarium,sdisk`, 4 KiB of registers, 512-byte sectors, one command at a time, little endian.
// Registers are 32 bits wide and answer accesses of 4 bytes; the sector buffer answers 1, 2, 4 and 8.
//
//   0x000  IDENTIFIER     read only, 0x4b534453 ("SDSK")
//   0x004  VERSION        read only, 1
//   0x008  STATUS         read only; bit 0 BUSY: a command is being carried out, bit 1 DONE: one has been carried out,
//                         bit 2 ERROR: it failed, bit 3 READ_ONLY: the disk takes no writes
//   0x00c  ERROR          read only; why the last command failed: 0 it did not, 1 unknown command, 2 sectors outside
//                         the disk or a count of 0 or more than 256, 3 medium, 4 bus error of DMA, 5 write to a
//                         read-only disk, 6 COMMAND was written while BUSY (the command under way goes on)
//   0x010  CAPACITY       read only, 64 bits: the number of sectors
//   0x018  SECTOR         64 bits: the first sector of the next command
//   0x020  COUNT          how many sectors a DMA command transfers; the others transfer one
//   0x024  CONTROL        bit 0 INTERRUPT_ENABLE: the line is high while DONE
//                         writing 1 to bit 1 RESET: the command under way is forgotten, all registers are 0
//   0x028  DMA_ADDRESS    64 bits: the first byte of the memory buffer, of any alignment
//   0x030  COMMAND        write only; starts: 1 READ the sector into the buffer, 2 WRITE it from the buffer,
//                         3 READ_DMA and 4 WRITE_DMA between the disk and memory, 5 FLUSH
//   0x034  ACKNOWLEDGE    write only; any value clears DONE, ERROR and the code in ERROR
//   0x200  the sector buffer, 512 bytes
//
// A command takes effect, data and all, when it is done: the configured latency after COMMAND was written. Registers
// written meanwhile belong to the next command.

/// The simple disk's registers, buffer and contents.
struct SimpleDisk: Sendable {
  private enum Register {
    static let identifier: UInt64 = 0x00
    static let version: UInt64 = 0x04
    static let status: UInt64 = 0x08
    static let error: UInt64 = 0x0c
    static let capacityLow: UInt64 = 0x10
    static let capacityHigh: UInt64 = 0x14
    static let sectorLow: UInt64 = 0x18
    static let sectorHigh: UInt64 = 0x1c
    static let count: UInt64 = 0x20
    static let control: UInt64 = 0x24
    static let addressLow: UInt64 = 0x28
    static let addressHigh: UInt64 = 0x2c
    static let command: UInt64 = 0x30
    static let acknowledge: UInt64 = 0x34
    static let buffer: UInt64 = 0x200
    static let bufferEnd: UInt64 = 0x400
  }

  private enum Status {
    static let busy: UInt64 = 1
    static let done: UInt64 = 2
    static let error: UInt64 = 4
    static let readOnly: UInt64 = 8
  }

  private enum Control {
    static let interruptEnable: UInt32 = 1
    static let reset: UInt32 = 2
  }

  private enum Command: UInt32 {
    case read = 1
    case write = 2
    case readDMA = 3
    case writeDMA = 4
    case flush = 5

    var transfersData: Bool { self != .flush }
    var usesDMA: Bool { self == .readDMA || self == .writeDMA }
    var isRead: Bool { self == .read || self == .readDMA }
  }

  private enum Failure: UInt32, Error {
    case unknownCommand = 1
    case range = 2
    case medium = 3
    case bus = 4
    case readOnly = 5
    case busy = 6
  }

  /// A command under way, with the registers it was given.
  private struct Job: Sendable {
    let command: UInt32
    let sector: UInt64
    let count: UInt32
    let address: UInt64
    let fault: BlockFault?
    /// When it will be done; `.max` if a fault keeps it from ever being.
    var due: UInt64
  }

  private static let identifierValue: UInt64 = 0x4b53_4453
  private static let mostSectors: UInt32 = 256

  private(set) var disk: DiskImage
  let latency: UInt64
  private(set) var fault: ArmedBlockFault?
  private var buffer = [UInt8](repeating: 0, count: DiskImage.sectorSize)
  private var sector: UInt64 = 0
  private var count: UInt32 = 0
  private var address: UInt64 = 0
  private var interruptEnabled = false
  private var isDone = false
  private var losesInterrupt = false
  private var failure: Failure?
  private var job: Job?

  init(disk: DiskImage, latency: UInt64) {
    self.disk = disk
    self.latency = latency
  }

  /// Whether the interrupt line is high.
  var interrupts: Bool { interruptEnabled && isDone && !losesInterrupt }

  var nextEvent: UInt64 { job?.due ?? .max }

  /// Replaces the armed fault, if any.
  mutating func arm(_ fault: ArmedBlockFault) { self.fault = fault }

  /// Takes the armed fault away; a command that a dead device swallowed starts anew.
  mutating func disarmFault(now: UInt64) {
    fault = nil
    guard job?.due == .max else { return }
    let due = due(from: now)
    job?.due = due
  }

  mutating func load(offset: UInt64, size: Int) -> UInt64? {
    if (Register.buffer..<Register.bufferEnd).contains(offset) {
      let start = Int(offset - Register.buffer)
      return (0..<size).reversed().reduce(0) { $0 << 8 | UInt64(buffer[start + $1]) }
    }
    guard size == 4 else { return nil }
    if let garbage = fault.strikeRegister(offset: offset) { return garbage & 0xffff_ffff }
    switch offset {
    case Register.identifier: return Self.identifierValue
    case Register.version: return 1
    case Register.status:
      return (job == nil ? 0 : Status.busy) | (isDone ? Status.done : 0) | (failure == nil ? 0 : Status.error)
        | (disk.isReadOnly ? Status.readOnly : 0)
    case Register.error: return UInt64(failure?.rawValue ?? 0)
    case Register.capacityLow: return disk.sectorCount & 0xffff_ffff
    case Register.capacityHigh: return disk.sectorCount >> 32
    case Register.sectorLow: return sector & 0xffff_ffff
    case Register.sectorHigh: return sector >> 32
    case Register.count: return UInt64(count)
    case Register.control: return interruptEnabled ? UInt64(Control.interruptEnable) : 0
    case Register.addressLow: return address & 0xffff_ffff
    case Register.addressHigh: return address >> 32
    default: return 0
    }
  }

  mutating func store(offset: UInt64, size: Int, value: UInt64, now: UInt64) -> Bool {
    if (Register.buffer..<Register.bufferEnd).contains(offset) {
      let start = Int(offset - Register.buffer)
      for index in 0..<size { buffer[start + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * index)) }
      return true
    }
    guard size == 4 else { return false }
    let value = UInt32(truncatingIfNeeded: value)
    switch offset {
    case Register.sectorLow: sector.setLowHalf(value)
    case Register.sectorHigh: sector.setHighHalf(value)
    case Register.count: count = value
    case Register.control:
      if value & Control.reset != 0 { reset() } else { interruptEnabled = value & Control.interruptEnable != 0 }
    case Register.addressLow: address.setLowHalf(value)
    case Register.addressHigh: address.setHighHalf(value)
    case Register.command: start(value, now: now)
    case Register.acknowledge: acknowledge()
    default: break
    }
    return true
  }

  /// Carries out the command that is due, if any.
  mutating func advance(to now: UInt64, memory: inout DeviceMemory) {
    guard let job, job.due <= now, job.due != .max else { return }
    self.job = nil
    isDone = true
    losesInterrupt = job.fault == .lostInterrupt
    failure = job.fault == .ioError ? .medium : perform(job, memory: &memory)
  }

  /// Feeds every word of the device's state, in a fixed order.
  func forEachStateWord(_ body: (UInt64) -> Void) {
    for word in [latency, sector, UInt64(count), address, UInt64(failure?.rawValue ?? 0)] { body(word) }
    body((interruptEnabled ? 1 : 0) | (isDone ? 2 : 0) | (losesInterrupt ? 4 : 0))
    for offset in stride(from: 0, to: buffer.count, by: 8) { body(buffer.littleEndian(UInt64.self, at: offset)) }
    if let job {
      for word in [UInt64(job.command), job.sector, UInt64(job.count), job.address, job.due] { body(word) }
      body(job.fault?.stateWord ?? 0)
    }
    fault?.forEachStateWord(body)
    disk.forEachStateWord(body)
  }

  private func due(from now: UInt64) -> UInt64 {
    let (tick, overflow) = now.addingReportingOverflow(latency)
    return overflow ? .max - 1 : tick
  }

  private mutating func reset() {
    let fresh = SimpleDisk(disk: disk, latency: latency)
    let fault = fault
    self = fresh
    self.fault = fault
  }

  private mutating func acknowledge() {
    let wasRaised = interrupts
    failure = nil
    isDone = wasRaised && fault?.strikes(.interruptStorm) == true
  }

  private mutating func start(_ command: UInt32, now: UInt64) {
    guard job == nil else {
      failure = .busy
      return
    }
    isDone = false
    failure = nil
    let known = Command(rawValue: command)
    // Wild DMA needs DMA: a transfer through the buffer cannot go astray.
    let struck = fault.strike(usesDMA: known?.usesDMA == true, isRead: known?.isRead == true)
    let address = struck == .wildDMA ? fault?.wildAddress ?? address : address
    job = Job(
      command: command, sector: sector, count: known?.usesDMA == true ? count : 1, address: address, fault: struck,
      due: struck == .dead ? .max : due(from: now))
  }

  private mutating func perform(_ job: Job, memory: inout DeviceMemory) -> Failure? {
    guard let command = Command(rawValue: job.command) else { return .unknownCommand }
    guard command.transfersData else { return nil }
    guard (1...Self.mostSectors).contains(job.count), job.sector < disk.sectorCount,
      UInt64(job.count) <= disk.sectorCount - job.sector
    else { return .range }
    guard command.isRead || !disk.isReadOnly else { return .readOnly }
    let given = Int(job.count) * DiskImage.sectorSize / (job.fault == .shortRead ? 2 : 1)
    for index in 0..<Int(job.count) {
      let start = index * DiskImage.sectorSize
      guard start < given else { break }
      let place = job.address &+ UInt64(start)
      let sector = job.sector + UInt64(index)
      let problem =
        command.isRead
        ? read(sector, count: min(given - start, DiskImage.sectorSize), to: command.usesDMA ? place : nil, &memory)
        : write(sector, from: command.usesDMA ? place : nil, &memory)
      if let problem { return problem }
    }
    return nil
  }

  private mutating func read(
    _ sector: UInt64, count: Int, to place: UInt64?, _ memory: inout DeviceMemory
  ) -> Failure? {
    guard let bytes = disk[sector: sector]?.prefix(count) else { return .medium }
    guard let place else {
      buffer.replaceSubrange(0..<count, with: bytes)
      return nil
    }
    return memory.write(bytes, at: place) ? nil : .bus
  }

  private mutating func write(_ sector: UInt64, from place: UInt64?, _ memory: inout DeviceMemory) -> Failure? {
    guard let place else { return disk.write(buffer, sector: sector) ? nil : .medium }
    guard let bytes = memory.bytes(at: place, count: DiskImage.sectorSize) else { return .bus }
    return disk.write(bytes, sector: sector) ? nil : .medium
  }
}
