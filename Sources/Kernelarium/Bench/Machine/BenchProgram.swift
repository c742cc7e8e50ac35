// The guests that `bench machine` measures: loops in U-mode with the MMU on, on any board like QEMU's `virt`. Each ends
// through the test finisher, so that whoever runs it needs to know nothing else.

/// What a loop exercises.
enum BenchLoop: String, CaseIterable, Sendable {
  case integer
  case memory
  case floatingPoint = "floating-point"
  case traps
  case addressSpaces = "address-space-switches"
  /// The memory loop on few enough pages for the TLB: only for the price of a miss.
  case memoryInReach = "memory-in-reach"
  /// Reads of a clock: only for the price of an access to a device.
  case devices

  /// Whether it is a workload of its own rather than a loop to find a price with.
  var isWorkload: Bool { self != .memoryInReach && self != .devices }

  /// What is counted besides instructions, once in each pass.
  var event: String? {
    switch self {
    case .integer, .memory, .floatingPoint, .memoryInReach, .devices: nil
    case .traps: "system-call round trips"
    case .addressSpaces: "address-space switches"
    }
  }

  /// Passes that take the better part of a second on a fast interpreter.
  var passes: UInt64 {
    switch self {
    case .integer: 25_000_000
    case .memory, .memoryInReach: 2_000_000
    case .floatingPoint: 15_000_000
    case .traps: 2_000_000
    case .addressSpaces, .devices: 1_000_000
    }
  }
}

/// A bootable image of one loop.
struct BenchProgram {
  /// The image as an ELF file.
  let image: [UInt8]

  // Physical addresses. Everything but the data lies in the image's one segment.
  private static let base: UInt64 = 0x8000_0000
  private static let rootTable = base + 0x1000
  private static let otherRootTable = base + 0x2000
  private static let middleTable = base + 0x3000
  private static let leafTables = base + 0x4000
  private static let imageEnd = leafTables + leafTableCount * 0x1000
  private static let data: UInt64 = 0x8100_0000
  private static let dataSize: UInt64 = 16 << 20
  private static let reachableSize: UInt64 = 64 << 10
  private static let leafTableCount = dataSize >> 21

  // Virtual addresses: the program twice, because a page belongs either to the user or to the supervisor.
  private static let supervisorView: UInt64 = 0xc000_0000
  private static let dataView: UInt64 = 0x1_0000_0000
  private static let clock: UInt64 = 0x200_bff8
  private static let finisher: UInt64 = 0x10_0000
  private static let finisherPass: UInt64 = 0x5555

  private enum CSR {
    static let stvec: UInt32 = 0x105
    static let sepc: UInt32 = 0x141
    static let satp: UInt32 = 0x180
    static let mstatus: UInt32 = 0x300
    static let medeleg: UInt32 = 0x302
    static let mepc: UInt32 = 0x341
    static let pmpcfg0: UInt32 = 0x3a0
    static let pmpaddr0: UInt32 = 0x3b0
  }

  /// Makes a program.
  ///
  /// - Parameters:
  ///   - loop: What it exercises.
  ///   - passes: How often it goes round, at least once.
  init(_ loop: BenchLoop, passes: UInt64) {
    var code = Self.program(loop, passes: passes, userEntry: 0, handler: 0)
    // Addresses within the program are known after a first round; constants of one size keep it as long as it was.
    code = Self.program(loop, passes: passes, userEntry: code.userEntry, handler: code.handler)
    image = Self.executable(code.words)
  }

  private struct Code {
    var words: [UInt32]
    var userEntry: Int
    var handler: Int
  }

  private static func program(_ loop: BenchLoop, passes: UInt64, userEntry: Int, handler: Int) -> Code {
    var a = BenchAssembler()
    // M-mode: all of memory for everyone, user calls to S-mode, floating point on, then to U-mode.
    a.load(.t0, constant: .max)
    a.write(csr: CSR.pmpaddr0, .t0)
    a.load(.t0, constant: 0x1f)
    a.write(csr: CSR.pmpcfg0, .t0)
    a.load(.t0, constant: 1 << 8)
    a.write(csr: CSR.medeleg, .t0)
    a.load(.s2, constant: satp(root: rootTable, identifier: 1))
    a.load(.s3, constant: satp(root: otherRootTable, identifier: 2))
    a.xor(.s4, .s2, .s3)
    a.write(csr: CSR.satp, .s2)
    a.load(.t0, constant: 1 << 13)
    a.setBits(csr: CSR.mstatus, .t0)
    a.load(.t0, constant: supervisorView)
    a.addImmediate(.t0, .t0, Int32(handler))
    a.write(csr: CSR.stvec, .t0)
    a.load(.t0, constant: base)
    a.addImmediate(.t0, .t0, Int32(userEntry))
    a.write(csr: CSR.mepc, .t0)
    a.machineReturn()

    let handlerPosition = a.position
    a.read(.t0, csr: CSR.sepc)
    a.addImmediate(.t0, .t0, 4)
    a.write(csr: CSR.sepc, .t0)
    if loop == .addressSpaces {
      a.xor(.s2, .s2, .s4)
      a.write(csr: CSR.satp, .s2)
    }
    a.supervisorReturn()

    let userPosition = a.position
    body(loop, passes: passes, &a)
    a.load(.t0, constant: finisher)
    a.load(.t1, constant: finisherPass)
    a.storeWord(.t1, 0, .t0)
    a.loopForever()
    return Code(words: a.words, userEntry: userPosition, handler: handlerPosition)
  }

  private static func body(_ loop: BenchLoop, passes: UInt64, _ a: inout BenchAssembler) {
    a.load(.a0, constant: passes)
    a.load(.s0, constant: dataView)
    a.load(.a1, constant: 0x9e37_79b9_7f4a_7c15)
    switch loop {
    case .integer:
      let start = a.position
      a.loadDouble(.t0, 0, .s0)
      a.add(.t0, .t0, .a1)
      a.shiftRight(.t1, .t0, 7)
      a.xor(.a1, .a1, .t1)
      a.shiftLeft(.t2, .a1, 3)
      a.add(.a2, .a2, .t2)
      a.storeDouble(.t0, 0, .s0)
      a.addImmediate(.a0, .a0, -1)
      a.branchIfNotEqual(.a0, .zero, to: start)
    case .memory, .memoryInReach:
      // Half of the accesses go to consecutive words, half to words anywhere in 4096 pages, or in 16.
      a.load(.a3, constant: (loop == .memory ? dataSize : reachableSize) - 8)
      a.load(.a5, constant: 0x5851_f42d_4c95_7f2d)
      let start = a.position
      a.multiply(.a1, .a1, .a5)
      a.addImmediate(.a1, .a1, 1)
      a.shiftRight(.t0, .a1, 29)
      a.and(.t0, .t0, .a3)
      a.add(.t0, .t0, .s0)
      a.loadDouble(.t1, 0, .t0)
      a.addImmediate(.a4, .a4, 8)
      a.and(.a4, .a4, .a3)
      a.add(.t2, .a4, .s0)
      a.loadDouble(.a2, 0, .t2)
      a.add(.t1, .t1, .a2)
      a.storeDouble(.t1, 0, .t0)
      a.storeDouble(.t1, 0, .t2)
      a.addImmediate(.a0, .a0, -1)
      a.branchIfNotEqual(.a0, .zero, to: start)
    case .floatingPoint:
      // x = x·c + d and y = (y - x)·c + d, with |c| < 1: inexact in every step, and never far from 1.
      a.load(.t0, constant: (0.7071067811865476).bitPattern)
      a.moveToFloat(1, .t0)
      a.load(.t0, constant: (0.3183098861837907).bitPattern)
      a.moveToFloat(2, .t0)
      a.moveToFloat(3, .t0)
      a.moveToFloat(4, .t0)
      let start = a.position
      a.multiplyAddFloat(3, 3, 1, 2)
      a.subtractFloat(4, 4, 3)
      a.multiplyFloat(4, 4, 1)
      a.addFloat(4, 4, 2)
      a.multiplyAddFloat(5, 4, 1, 3)
      a.multiplyFloat(6, 5, 2)
      a.addFloat(7, 6, 3)
      a.addImmediate(.a0, .a0, -1)
      a.branchIfNotEqual(.a0, .zero, to: start)
    case .devices:
      a.load(.s0, constant: clock)
      let start = a.position
      a.loadDouble(.t0, 0, .s0)
      a.addImmediate(.a0, .a0, -1)
      a.branchIfNotEqual(.a0, .zero, to: start)
    case .traps, .addressSpaces:
      let start = a.position
      a.environmentCall()
      a.addImmediate(.a0, .a0, -1)
      a.branchIfNotEqual(.a0, .zero, to: start)
    }
  }

  // MARK: The image

  private static func satp(root: UInt64, identifier: UInt64) -> UInt64 { 8 << 60 | identifier << 44 | root >> 12 }

  /// A page-table entry (Privileged Architecture, "Sv39"): a table without rights, a page with A and D set.
  private static func entry(_ address: UInt64, user: Bool = false, page: Bool = true) -> UInt64 {
    (address >> 12) << 10 | (page ? 0xcf : 0x01) | (user ? 0x10 : 0)
  }

  private static func executable(_ words: [UInt32]) -> [UInt8] {
    var root = [UInt64](repeating: 0, count: 512)
    root[0] = entry(0, user: true)
    root[Int(base >> 30)] = entry(base, user: true)
    root[Int(supervisorView >> 30)] = entry(base)
    root[Int(dataView >> 30)] = entry(middleTable, page: false)
    var middle = [UInt64](repeating: 0, count: 512)
    for index in 0..<leafTableCount { middle[Int(index)] = entry(leafTables + index << 12, page: false) }
    let leaves = (0..<dataSize >> 12).map { entry(data + $0 << 12, user: true) }

    var contents = bytes(words)
    contents += [UInt8](repeating: 0, count: Int(rootTable - base) - contents.count)
    contents += bytes(root) + bytes(root) + bytes(middle) + bytes(leaves)
    precondition(UInt64(contents.count) == imageEnd - base, "the tables lie where they are said to")

    // System V ABI, ELF-64: the header and one program header.
    let headerSize: UInt64 = 64
    let programHeaderSize: UInt64 = 56
    let loaded = UInt64(contents.count)
    var file: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1] + [UInt8](repeating: 0, count: 9)
    file += bytes([2, 243] as [UInt16]) + bytes([1] as [UInt32]) + bytes([base, headerSize, 0])
    file += bytes([0] as [UInt32])
    file += bytes([UInt16(headerSize), UInt16(programHeaderSize), 1, 64, 0, 0])
    file += bytes([1, 7] as [UInt32])
    file += bytes([headerSize + programHeaderSize, base, base, loaded, loaded, 8])
    return file + contents
  }

  private static func bytes<Integer: FixedWidthInteger>(_ values: [Integer]) -> [UInt8] {
    values.flatMap { value in withUnsafeBytes(of: value.littleEndian) { [UInt8]($0) } }
  }
}
