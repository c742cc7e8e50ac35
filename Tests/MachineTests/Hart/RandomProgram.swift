// Random but reproducible machines for comparing the two execution paths: code that is mostly legal, data, page tables
// of two address spaces, and trap handlers that go on a little further. Not meant to compute anything.

@testable import Machine

/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): small and the same everywhere.
struct Random: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    return StateHash.mix(state)
  }

  mutating func below(_ bound: UInt64) -> UInt64 { next() % bound }
  mutating func chance(_ one: UInt64, in all: UInt64) -> Bool { below(all) < one }
}

struct RandomProgram {
  static let base = MemoryMap.ram
  static let memoryBytes: UInt64 = 1 << 20
  static let codePages: UInt64 = 16
  static let machineHandler = base + 16 * 4096
  static let supervisorHandler = base + 17 * 4096
  static let dataPage: UInt64 = 32
  static let mappedPages: UInt64 = 48
  static let tables = base + 64 * 4096

  private var random: Random

  init(seed: UInt64) { random = Random(seed: seed) }

  /// A machine that is about to execute random code.
  mutating func machine() throws -> Machine {
    var configuration = MachineConfiguration(memoryBytes: Self.memoryBytes)
    configuration.tlb = random.chance(1, in: 2) ? TLBGeometry(entries: 64, ways: 4) : TLBGeometry(entries: 8, ways: 2)
    var machine = try Machine(configuration)
    for index in 0..<Self.codePages * 1024 {
      _ = machine.memory.store(UInt32(truncatingIfNeeded: instruction()), at: Self.base + index * 4)
    }
    for index in 0..<16 * UInt64(512) {
      _ = machine.memory.store(random.next(), at: Self.base + Self.dataPage * 4096 + index * 8)
    }
    store(Self.handler(scratch: 0x340, epc: 0x341, ret: 0x3020_0073), at: Self.machineHandler, in: &machine)
    store(Self.handler(scratch: 0x140, epc: 0x141, ret: 0x1020_0073), at: Self.supervisorHandler, in: &machine)
    let spaces = [addressSpace(0, in: &machine), addressSpace(1, in: &machine)]
    setUp(&machine, spaces: spaces)
    return machine
  }

  private mutating func setUp(_ machine: inout Machine, spaces: [UInt64]) {
    _ = machine.setCSR(0x3b0, to: .max)
    _ = machine.setCSR(0x3a0, to: 0x1f)
    if random.chance(1, in: 4) {
      // One locked region inside a data page, so that protection differs within a page.
      _ = machine.setCSR(0x3a0, to: 0x1f << 8 | 0x90 | random.below(8))
      _ = machine.setCSR(0x3b1, to: .max)
      _ = machine.setCSR(0x3b0, to: (Self.base + (Self.dataPage + random.below(16)) * 4096) >> 2)
    }
    _ = machine.setCSR(0x305, to: Self.machineHandler)
    _ = machine.setCSR(0x105, to: Self.supervisorHandler)
    _ = machine.setCSR(0x302, to: random.next())
    _ = machine.setCSR(0x303, to: random.next())
    _ = machine.setCSR(0x304, to: random.next())
    _ = machine.setCSR(0x306, to: random.next())
    _ = machine.setCSR(0x106, to: random.next())
    _ = machine.setCSR(0x30a, to: random.next() & 1 << 63)
    _ = machine.setCSR(0x14d, to: random.below(2000))
    if random.chance(3, in: 4) { _ = machine.setCSR(0x180, to: spaces[0]) }
    for register in 1..<32 { machine[register: register] = random.next() }
    for register in 8..<16 { machine[register: register] = pointer() }
    machine[register: 4] = spaces[0]
    machine[register: 5] = spaces[1]
    _ = machine.setCSR(0x300, to: random.next())
    machine.pc = Self.base + random.below(Self.codePages * 2048) * 2
    let privileges: [Privilege] = [.machine, .supervisor, .user]
    machine.hart.privilege = privileges[Int(random.below(3))]
    machine.translationChanged()
  }

  private mutating func pointer() -> UInt64 {
    var address = Self.base + random.below(Self.mappedPages * 4096)
    if random.chance(3, in: 4) { address = Self.base + Self.dataPage * 4096 + random.below(16 * 4096) }
    if random.chance(1, in: 16) { address = [0x1000_0000, 0x200_bff8, 0x200_4000, 0, 0x1000_1000].randomElement(using: &random) ?? 0 }
    return random.chance(1, in: 8) ? address : address & ~7
  }

  private func store(_ words: [UInt32], at address: UInt64, in machine: inout Machine) {
    for (index, word) in words.enumerated() { _ = machine.memory.store(word, at: address + UInt64(index) * 4) }
  }

  /// Moves the return address on by two bytes and keeps it in the code: `epc = base | (epc + 2) & 0xfffe`.
  private static func handler(scratch: UInt32, epc: UInt32, ret: UInt32) -> [UInt32] {
    let swap = scratch << 20 | 31 << 15 | 1 << 12 | 31 << 7 | 0x73
    return [
      swap,
      epc << 20 | 2 << 12 | 31 << 7 | 0x73,
      2 << 20 | 31 << 15 | 31 << 7 | 0x13,
      48 << 20 | 31 << 15 | 1 << 12 | 31 << 7 | 0x13,
      48 << 20 | 31 << 15 | 5 << 12 | 31 << 7 | 0x13,
      0x7ff << 20 | 0 << 15 | 31 << 7 | 0x1b,
      0x13,
      epc << 20 | 31 << 15 | 1 << 12 | 0x73,
      swap,
      ret,
    ]
  }

  // MARK: Page tables

  /// Builds an address space and returns the value of `satp` for it.
  private mutating func addressSpace(_ number: UInt64, in machine: inout Machine) -> UInt64 {
    let root = Self.tables + number * 4 * 4096
    let middle = root + 4096
    let leaves = root + 2 * 4096
    _ = machine.memory.store(middle >> 2 | 1, at: root + 2 * 8)
    // A gigapage alias of RAM, with random permissions.
    _ = machine.memory.store(Self.base >> 2 | random.below(256) | 1, at: root + 3 * 8)
    _ = machine.memory.store(leaves >> 2 | 1, at: middle)
    // A 2 MiB alias, reserved sometimes.
    _ = machine.memory.store(Self.base >> 2 | random.below(256) | 0xc1, at: middle + 8)
    for page in 0..<Self.mappedPages {
      var flags = random.below(256) | 1
      if random.chance(3, in: 4) { flags |= 0x0f }
      if random.chance(1, in: 20) { flags &= ~1 }
      let isHandler = page == 16 || page == 17
      if isHandler { flags = 0x0b | (random.next() & 0xe0) }
      let target = isHandler || random.chance(7, in: 8) ? page : random.below(Self.mappedPages)
      _ = machine.memory.store((Self.base + target * 4096) >> 2 | flags, at: leaves + page * 8)
    }
    return 8 << 60 | (number + 1) << 44 | root >> 12
  }

  // MARK: Instructions

  private mutating func register() -> UInt64 { random.below(32) }

  /// A destination that rarely spoils a pointer.
  private mutating func destination() -> UInt64 {
    let register = random.below(32)
    return (4..<16).contains(register) && !random.chance(1, in: 12) ? register + 16 : register
  }

  private mutating func pointerRegister() -> UInt64 { random.chance(1, in: 20) ? register() : 8 + random.below(8) }

  private mutating func instruction() -> UInt64 {
    switch random.below(100) {
    case 0..<18: return random.below(4096) << 20 | register() << 15 | random.below(8) << 12 | destination() << 7 | 0x13
    case 18..<24:
      let funct7: UInt64 = random.chance(1, in: 3) ? 0x20 : 0
      let funct3: UInt64 = [0, 1, 5].randomElement(using: &random) ?? 0
      return funct7 << 25 | register() << 20 | register() << 15 | funct3 << 12 | destination() << 7 | 0x1b
    case 24..<36: return registerOperation(0x33)
    case 36..<42: return registerOperation(0x3b)
    case 42..<45: return random.below(1 << 20) << 12 | destination() << 7 | (random.chance(1, in: 2) ? 0x37 : 0x17)
    case 45..<57:
      return random.below(256) << 20 | pointerRegister() << 15 | random.below(7) << 12 | destination() << 7 | 0x03
    case 57..<67:
      return random.below(8) << 25 | register() << 20 | pointerRegister() << 15 | random.below(4) << 12
        | random.below(32) << 7 | 0x23
    case 67..<75: return branch()
    case 75..<77:
      // A jump of up to 1 KiB forwards or backwards.
      let sign = random.below(2)
      return sign << 31 | random.below(512) << 21 | (sign == 1 ? 0x1ff << 11 | 0xff << 12 : 0) & 0x1ff800
        | destination() << 7 | 0x6f
    case 77..<78: return random.below(4096) << 20 | pointerRegister() << 15 | destination() << 7 | 0x67
    case 78..<82:
      let operation = [0, 1, 2, 3, 4, 8, 12, 16, 20, 24, 28].randomElement(using: &random) ?? 0
      return operation << 27 | (operation == 2 ? 0 : register()) << 20 | pointerRegister() << 15
        | (2 + random.below(2)) << 12 | destination() << 7 | 0x2f
    case 82..<88: return system()
    case 88..<98: return random.next() & 0xffff_ffff & ~(random.chance(3, in: 4) ? 0x2_0002 : 0)
    default: return random.next() & 0xffff_ffff
    }
  }

  private mutating func registerOperation(_ opcode: UInt64) -> UInt64 {
    let funct7: UInt64 = [0, 0x20, 1].randomElement(using: &random) ?? 0
    let funct3 = funct7 == 0x20 ? (random.chance(1, in: 2) ? 0 : 5) : random.below(8)
    return funct7 << 25 | register() << 20 | register() << 15 | funct3 << 12 | destination() << 7 | opcode
  }

  private mutating func branch() -> UInt64 {
    let funct3: UInt64 = [0, 1, 4, 5, 6, 7].randomElement(using: &random) ?? 0
    let isBackward = random.chance(1, in: 3)
    let high: UInt64 = isBackward ? 0x7e << 25 | 1 << 7 | 1 << 31 : 0
    return high | register() << 20 | register() << 15 | funct3 << 12 | random.below(16) << 8 | 0x63
  }

  private mutating func system() -> UInt64 {
    switch random.below(20) {
    case 0: return 0x73
    case 1: return 0x10_0073
    case 2: return 0x3020_0073
    case 3: return 0x1020_0073
    case 4: return 0x1050_0073
    case 5: return 0x09 << 25 | (random.chance(1, in: 2) ? 0 : register()) << 20
      | (random.chance(1, in: 2) ? 0 : pointerRegister()) << 15 | 0x73
    case 6: return 0x100f
    case 7, 8: return 0x180 << 20 | (4 + random.below(2)) << 15 | 1 << 12 | destination() << 7 | 0x73
    case 9: return 0x14d << 20 | register() << 15 | 1 << 12 | destination() << 7 | 0x73
    default:
      let numbers: [UInt64] = [
        0xc00, 0xc01, 0xc02, 0xc05, 0x100, 0x104, 0x144, 0x106, 0x140, 0x141, 0x142, 0x143, 0x14d, 0x300, 0x301, 0x302,
        0x303, 0x304, 0x344, 0x306, 0x30a, 0x340, 0x342, 0x343, 0xb00, 0xb02, 0xf14, 0x3a0, 0x3b5, 0x320, 0x7c0,
      ]
      let number = numbers.randomElement(using: &random) ?? 0
      let funct3: UInt64 = [1, 2, 3, 5, 6, 7].randomElement(using: &random) ?? 1
      let operand = random.chance(1, in: 2) ? 0 : register()
      return number << 20 | operand << 15 | funct3 << 12 | destination() << 7 | 0x73
    }
  }
}
