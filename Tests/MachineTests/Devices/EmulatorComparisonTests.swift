// The board against QEMU's: the same register accesses, in the same order, must give the same values and the same faults.
// A generated guest makes the accesses on QEMU; here they go straight to the bus.

import Foundation
import Testing

@testable import Machine

/// One access to a device register or to memory.
struct RegisterAccess: CustomStringConvertible, Sendable {
  var address: UInt64
  var size: Int
  /// The value to store; nil to load.
  var value: UInt64?
  /// The value to wait for, by loading again and again.
  var awaited: UInt64?

  var description: String {
    let place = "\(size) bytes at 0x\(String(address, radix: 16))"
    return value.map { "store 0x\(String($0, radix: 16)), \(place)" } ?? "load \(place)"
  }
}

/// The accesses by which a guest drives the block device.
private struct BlockScript {
  private(set) var accesses: [RegisterAccess] = []
  private var submitted: UInt64 = 0

  /// Resets the device and sets queue 0 up.
  init() {
    let setUp: [(UInt64, UInt64)] = [
      (0x70, 0), (0x70, 3), (0x24, 1), (0x20, 1), (0x70, 11), (0x30, 0), (0x38, BlockLayout.queueSize),
      (0x80, BlockLayout.descriptors), (0x84, 0), (0x90, BlockLayout.available), (0x94, 0), (0xa0, BlockLayout.used),
      (0xa4, 0), (0x44, 1), (0x70, 15),
    ]
    for (offset, value) in setUp { store(BoardHarness.register(offset), 4, value) }
  }

  mutating func store(_ address: UInt64, _ size: Int, _ value: UInt64) {
    accesses.append(RegisterAccess(address: address, size: size, value: value))
  }

  mutating func load(_ address: UInt64, _ size: Int) {
    accesses.append(RegisterAccess(address: address, size: size))
  }

  /// Writes a request of 1024 bytes, or none if `dataWritable` is nil, without telling the device.
  mutating func writeRequest(type: UInt64, sector: UInt64, dataWritable: Bool?) {
    store(BlockLayout.header, 8, type)
    store(BlockLayout.header + 8, 8, sector)
    store(BlockLayout.status, 1, 0xff)
    store(BlockLayout.data, 8, 0x0123_4567_89ab_cdef + type)
    writeDescriptor(0, BlockLayout.header, 16, 0, next: dataWritable == nil ? 2 : 1)
    writeDescriptor(1, BlockLayout.data, 1024, dataWritable == true ? 2 : 0, next: 2)
    writeDescriptor(2, BlockLayout.status, 1, 2, next: nil)
  }

  /// Makes the chain that starts at descriptor 0 available and notifies the device.
  mutating func notify() {
    store(BlockLayout.available + 4 + 2 * (submitted % BlockLayout.queueSize), 2, 0)
    submitted += 1
    store(BlockLayout.available + 2, 2, submitted)
    store(BoardHarness.register(0x50), 4, 0)
  }

  /// Has a request carried out, and looks at what became of it.
  mutating func request(type: UInt64, sector: UInt64, dataWritable: Bool?, comparesLength: Bool = true) {
    writeRequest(type: type, sector: sector, dataWritable: dataWritable)
    notify()
    accesses.append(RegisterAccess(address: BlockLayout.used + 2, size: 2, awaited: submitted))
    load(BlockLayout.status, 1)
    let element = BlockLayout.used + 4 + 8 * ((submitted - 1) % BlockLayout.queueSize)
    load(element, 4)
    if comparesLength { load(element + 4, 4) }
    load(BoardHarness.register(0x60), 4)
    store(BoardHarness.register(0x64), 4, 3)
  }

  private mutating func writeDescriptor(
    _ index: UInt64, _ address: UInt64, _ count: UInt64, _ flags: UInt64, next: UInt64?
  ) {
    let place = BlockLayout.descriptors + 16 * index
    store(place, 8, address)
    store(place + 8, 4, count)
    store(place + 12, 2, next == nil ? flags : flags | 1)
    store(place + 14, 2, next ?? 0)
  }
}

@Suite("Board against QEMU", .enabled(if: Toolchain.has("clang", "ld.lld", "qemu-system-riscv64")))
struct EmulatorComparisonTests {
  /// What an access that faults gives.
  private static let fault: UInt64 = 0xfa17_fa17_fa17_fa17
  private static let results: UInt64 = 0x8040_0000

  @Test func widthsAndHolesFaultInTheSamePlaces() throws {
    let places = [
      MemoryMap.finisher.lowerBound, MemoryMap.clint.lowerBound, MemoryMap.clint.lowerBound + 0x4008,
      MemoryMap.plic.lowerBound + 4, MemoryMap.plic.lowerBound + 0x1000, MemoryMap.plic.lowerBound + 0x2000,
      MemoryMap.plic.lowerBound + 0x20_0000, MemoryMap.uart.lowerBound + 4, MemoryMap.uart.lowerBound + 8,
      MemoryMap.virtio.lowerBound, MemoryMap.virtio.lowerBound + 8, MemoryMap.virtio.lowerBound + 0x200,
      MemoryMap.virtioSlot(7).lowerBound, MemoryMap.virtioSlot(7).lowerBound + 0x100, 0x1800_0000,
    ]
    try compare(places.flatMap { place in [1, 2, 4, 8].map { RegisterAccess(address: place, size: $0) } })
  }

  @Test func interruptControllerRegistersHoldTheSameBits() throws {
    var accesses: [RegisterAccess] = []
    for offset: UInt64 in [
      0, 4, 40, 0x180, 0x184, 0x1000, 0x2000, 0x2004, 0x2008, 0x2010, 0x2080, 0x20_0000, 0x20_1000,
    ] {
      for value: UInt64 in [0xffff_fffe, 4, 0] {
        accesses.append(RegisterAccess(address: MemoryMap.plic.lowerBound + offset, size: 4, value: value))
        accesses.append(RegisterAccess(address: MemoryMap.plic.lowerBound + offset, size: 4))
      }
    }
    try compare(accesses)
  }

  @Test func serialPortAnswersTheSame() throws {
    let base = MemoryMap.uart.lowerBound
    var accesses = (0..<8).map { RegisterAccess(address: base + $0, size: 1) }
    func store(_ offset: UInt64, _ value: UInt64) {
      accesses.append(RegisterAccess(address: base + offset, size: 1, value: value))
    }
    func load(_ offset: UInt64) { accesses.append(RegisterAccess(address: base + offset, size: 1)) }
    func loadAll() { for offset: UInt64 in [1, 2, 2, 3, 4, 5, 6, 7] { load(offset) } }
    for (offset, value): (UInt64, UInt64) in [
      (7, 0xa5), (1, 0xff), (1, 0), (1, 2), (2, 0x07), (3, 0x83), (0, 0x12), (1, 0x34), (3, 0x03), (4, 0x1f), (0, 65),
      (4, 0x1a), (1, 1), (0, 66), (2, 1), (2, 0), (4, 0),
    ] {
      store(offset, value)
      loadAll()
    }
    load(0)
    load(0)
    loadAll()
    try compare(accesses)
  }

  @Test func pendingSerialInterruptIsClaimedAndCompletedTheSame() throws {
    let uart = MemoryMap.uart.lowerBound
    let plic = MemoryMap.plic.lowerBound
    try compare([
      RegisterAccess(address: plic + 40, size: 4, value: 2),
      RegisterAccess(address: plic + 0x2000, size: 4, value: 1 << 10),
      RegisterAccess(address: plic + 0x2080, size: 4, value: 1 << 10),
      RegisterAccess(address: uart + 1, size: 1, value: 2),
      RegisterAccess(address: plic + 0x1000, size: 4),
      RegisterAccess(address: plic + 0x20_0004, size: 4),
      RegisterAccess(address: plic + 0x1000, size: 4),
      RegisterAccess(address: plic + 0x20_1004, size: 4),
      RegisterAccess(address: uart + 2, size: 1),
      RegisterAccess(address: plic + 0x20_0004, size: 4, value: 10),
      RegisterAccess(address: plic + 0x1000, size: 4),
      RegisterAccess(address: plic + 0x20_0004, size: 4),
    ])
  }

  @Test func blockDeviceIsFoundAndStartedTheSame() throws {
    let slot = MemoryMap.virtioSlot(7).lowerBound
    var accesses = [0x00, 0x04, 0x08, 0x0c, 0x34, 0x44, 0x60, 0x70, 0x100, 0x104, 0x114].map {
      RegisterAccess(address: slot + $0, size: 4)
    }
    let stores: [(UInt64, UInt64)] = [
      (0x70, 1), (0x70, 3), (0x24, 0), (0x20, 0), (0x24, 1), (0x20, 1), (0x70, 11), (0x30, 5), (0x30, 0), (0x38, 8),
      (0x80, 0x8005_0000), (0x84, 0), (0x90, 0x8006_0000), (0x94, 0), (0xa0, 0x8007_0000), (0xa4, 0), (0x44, 1),
      (0x70, 15), (0x50, 0), (0x70, 0),
    ]
    for (offset, value) in stores {
      accesses.append(RegisterAccess(address: slot + offset, size: 4, value: value))
      for offset: UInt64 in [0x34, 0x44, 0x60, 0x70] {
        accesses.append(RegisterAccess(address: slot + offset, size: 4))
      }
    }
    try compare(accesses)
  }

  @Test func blockRequestsGiveTheSameResults() throws {
    var script = BlockScript()
    // Two sectors out and in again, a flush, an unknown type, and a transfer beyond the end of the disk.
    script.request(type: 1, sector: 5, dataWritable: false)
    script.request(type: 0, sector: 5, dataWritable: true)
    script.load(BlockLayout.data, 8)
    script.load(BlockLayout.data + 1016, 8)
    script.request(type: 4, sector: 0, dataWritable: nil)
    script.request(type: 77, sector: 0, dataWritable: nil)
    // QEMU counts the whole buffer as written even though it failed.
    script.request(type: 0, sector: 63, dataWritable: true, comparesLength: false)
    try compare(script.accesses)
  }

  @Test func brokenChainStopsTheDeviceOnBoth() throws {
    var script = BlockScript()
    script.writeRequest(type: 0, sector: 0, dataWritable: true)
    // The status byte readable, after writable data.
    script.store(BlockLayout.descriptors + 44, 2, 0)
    script.notify()
    script.load(BoardHarness.register(0x70), 4)
    script.load(BlockLayout.used + 2, 2)
    try compare(script.accesses)
  }

  func compare(_ accesses: [RegisterAccess]) throws {
    let disk = (0..<32768).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    var configuration = BoardConfiguration(disk: try DiskImage(contents: disk))
    try configuration.place(.network(NetworkAdapter()))
    let harness = BoardHarness(configuration)
    let expected = try Toolchain.withTemporaryFolder { try Self.onQEMU(accesses, disk: disk, folder: $0) }
    try #require(expected.count == accesses.count)
    for (access, expected) in zip(accesses, expected) {
      #expect(Self.onBoard(access, harness) ?? Self.fault == expected, "\(access)")
    }
  }

  private static func onBoard(_ access: RegisterAccess, _ harness: BoardHarness) -> UInt64? {
    if let awaited = access.awaited {
      for _ in 0..<100 where harness.memory.bytes(at: access.address, count: access.size)?.first != UInt8(awaited) {
        harness.advance(by: 100)
      }
    }
    guard access.address >= MemoryMap.ram else {
      guard let value = access.value else { return harness.load(access.address, size: access.size) }
      return harness.store(access.address, value, size: access.size) ? 0 : nil
    }
    if let value = access.value {
      let bytes = (0..<access.size).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
      return bytes.withUnsafeBytes { harness.memory.write(access.address, from: $0) } ? 0 : nil
    }
    let bytes = harness.memory.bytes(at: access.address, count: access.size)
    return bytes.map { $0.reversed().reduce(0) { $0 << 8 | UInt64($1) } }
  }

  /// Makes the accesses on QEMU and returns what each gave: the value loaded, 0 for a store, or `fault`.
  private static func onQEMU(_ accesses: [RegisterAccess], disk: [UInt8], folder: URL) throws -> [UInt64] {
    let source = folder.appending(path: "guest.s")
    let object = folder.appending(path: "guest.o").path
    let image = folder.appending(path: "guest.elf").path
    let diskPath = folder.appending(path: "disk.img")
    try Data(disk).write(to: diskPath)
    try Data(guest(accesses).utf8).write(to: source)
    _ = try Toolchain.run(
      "clang", ["--target=riscv64-none-elf", "-march=rv64ima_zicsr", "-mabi=lp64", "-c", source.path, "-o", object])
    _ = try Toolchain.run("ld.lld", ["-Ttext=0x80000000", object, "-o", image])
    let output = try Toolchain.run(
      "timeout",
      [
        "60", "qemu-system-riscv64", "-M", "virt", "-bios", "none", "-display", "none", "-serial", "stdio", "-monitor",
        "none", "-global",
        "virtio-mmio.force-legacy=false", "-drive", "file=\(diskPath.path),format=raw,if=none,id=disk", "-device",
        "virtio-blk-device,drive=disk", "-netdev", "user,id=net,ipv6=off", "-device", "virtio-net-device,netdev=net",
        "-kernel", image,
      ])
    let lines = output.split(whereSeparator: \.isNewline).drop { $0 != "results" }.dropFirst()
    return lines.compactMap { UInt64($0, radix: 16) }
  }

  /// A guest that makes the accesses, keeps what they gave, and prints it in hexadecimal when all are done.
  private static func guest(_ accesses: [RegisterAccess]) -> String {
    let body = accesses.map { access in
      let letter = [1: "b", 2: "h", 4: "w", 8: "d"][access.size] ?? "d"
      let unsigned = access.size == 8 ? "" : "u"
      let operation =
        access.value.map { "li t1, 0x\(String($0, radix: 16))\n s\(letter) t1, (t0)\n li t2, 0" }
        ?? "l\(letter)\(unsigned) t2, (t0)"
      let wait = access.awaited.map { "li t1, 0x\(String($0, radix: 16))\n bne t1, t2, 8b" } ?? ""
      // The handler returns behind the label in `s1` with the fault's value in `t2`.
      return """
         li t0, 0x\(String(access.address, radix: 16))
         la s1, 1f
        8: \(operation)
         \(wait)
        1: sd t2, (s0)
         addi s0, s0, 8
        """
    }
    let text = "\nresults\n".utf8.map { "li a0, \($0)\n jal put" }.joined(separator: "\n")
    return """
      .globl _start
      _start: j main
       # The structures that the accesses build are in here.
       .space 0x40000
      main: la t0, handler
       csrw mtvec, t0
       li s0, 0x\(String(results, radix: 16))
      \(body.joined(separator: "\n"))
       li s2, 0x10000000
       sb zero, 4(s2)
       sb zero, 1(s2)
       li t0, 3
       sb t0, 3(s2)
       \(text)
       li s3, 0x\(String(results, radix: 16))
      2: beq s3, s0, 6f
       ld s4, (s3)
       addi s3, s3, 8
       li s5, 60
      3: srl a0, s4, s5
       andi a0, a0, 15
       li t0, 10
       blt a0, t0, 4f
       addi a0, a0, 39
      4: addi a0, a0, 48
       jal put
       addi s5, s5, -4
       bgez s5, 3b
       li a0, 10
       jal put
       j 2b
      6: li t0, 0x100000
       li t1, 0x5555
       sw t1, (t0)
      7: j 7b
      put: sb a0, (s2)
       ret
       .balign 4
      handler: csrw mepc, s1
       li t2, 0x\(String(fault, radix: 16))
       mret
      """
  }
}
