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
  static let codePages: UInt64 = 4
  static let machineHandler = base + 16 * 4096
  static let supervisorHandler = base + 17 * 4096
  static let dataPage: UInt64 = 32
  static let mappedPages: UInt64 = 48
  static let tables = base + 64 * 4096

  private var random: Random
  /// How many of a hundred instructions are floating-point ones.
  private let floatingPointShare: UInt64

  init(seed: UInt64, floatingPointShare: UInt64 = 5) {
    random = Random(seed: seed)
    self.floatingPointShare = floatingPointShare
  }

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
    for register in 0..<32 {
      machine[floatingPointRegister: register] = random.boxedOperand(random.chance(1, in: 2) ? .single : .double)
    }
    _ = machine.setCSR(0x003, to: random.chance(1, in: 2) ? 0 : random.next())
    for register in 8..<16 { machine[register: register] = pointer() }
    machine[register: 4] = spaces[0]
    machine[register: 5] = spaces[1]
    machine[register: 6] = MemoryMap.clint.lowerBound + 0x4000
    machine[register: 7] = [MemoryMap.clint.lowerBound, MemoryMap.uart.lowerBound].randomElement(using: &random) ?? 0
    _ = machine.board.store(
      MemoryMap.clint.lowerBound + 0x4000, size: 8, value: random.below(2000), now: 0, memory: &machine.ram)
    if random.chance(1, in: 4) { _ = machine.setCSR(0x344, to: random.next()) }
    let floatingPoint = random.chance(7, in: 8) ? HartStatus.floatingPoint : 0
    _ = machine.setCSR(0x300, to: random.next() | floatingPoint)
    machine.pc = Self.base + random.below(Self.codePages * 2048) * 2
    let privileges: [Privilege] = [.machine, .supervisor, .user]
    machine.hart.privilege = privileges[Int(random.below(3))]
    machine.translationChanged()
  }

  private mutating func pointer() -> UInt64 {
    var address = Self.base + random.below(Self.mappedPages * 4096)
    if random.chance(3, in: 4) { address = Self.base + Self.dataPage * 4096 + random.below(16 * 4096) }
    if random.chance(1, in: 16) {
      address = [0x1000_0000, 0x200_bff8, 0x200_4000, 0, 0x1000_1000].randomElement(using: &random) ?? 0
    }
    return random.chance(1, in: 8) ? address : address & ~7
  }

  private func store(_ words: [UInt32], at address: UInt64, in machine: inout Machine) {
    for (index, word) in words.enumerated() { _ = machine.memory.store(word, at: address + UInt64(index) * 4) }
  }

  /// Moves the return address on by two bytes and keeps it in the 16 KiB of code; spoils x30.
  private static func handler(scratch: UInt32, epc: UInt32, ret: UInt32) -> [UInt32] {
    let swap = scratch << 20 | 31 << 15 | 1 << 12 | 31 << 7 | 0x73
    func shift(_ funct3: UInt32, by amount: UInt32) -> UInt32 {
      amount << 20 | 31 << 15 | funct3 << 12 | 31 << 7 | 0x13
    }
    let loadBase: UInt32 = 0x8000_0f37
    let combine: UInt32 = 0x01ef_efb3
    return [
      swap,
      epc << 20 | 2 << 12 | 31 << 7 | 0x73,
      2 << 20 | 31 << 15 | 31 << 7 | 0x13,
      shift(1, by: 50), shift(5, by: 50),
      loadBase, combine,
      shift(1, by: 32), shift(5, by: 32),
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
    // The devices, for both privileges in different address spaces.
    _ = machine.memory.store(UInt64(0xc7) | number << 4, at: root)
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
    guard random.chance(1, in: 3) else { return 8 << 60 | (number + 1) << 44 | root >> 12 }
    // The same in Sv48, with one level more and often the address-space number of the other one.
    let top = root + 3 * 4096
    _ = machine.memory.store(root >> 2 | 1, at: top)
    return 9 << 60 | (1 + random.below(2)) << 44 | top >> 12
  }

  // MARK: Instructions

  private mutating func register() -> UInt64 { random.below(32) }

  /// A destination that rarely spoils a pointer.
  private mutating func destination() -> UInt64 {
    let register = random.below(32)
    return (4..<16).contains(register) && !random.chance(1, in: 12) ? register + 16 : register
  }

  private mutating func pointerRegister() -> UInt64 { random.chance(1, in: 20) ? register() : 8 + random.below(8) }

  /// Assembles the fields that most formats share; `high` fills bits 31 to 20.
  private func encode(
    _ opcode: UInt64, rd: UInt64, funct3: UInt64 = 0, rs1: UInt64 = 0, high: UInt64 = 0
  ) -> UInt64 {
    let low = opcode | rd << 7 | funct3 << 12
    return low | rs1 << 15 | high << 20
  }

  private mutating func instruction() -> UInt64 {
    if random.chance(floatingPointShare, in: 100) {
      return random.floatingPointInstruction(destination: destination(), pointer: pointerRegister())
    }
    if random.chance(1, in: 20) { return random.bitManipulationInstruction(destination: destination()) }
    switch random.below(100) {
    case 0..<18:
      return encode(0x13, rd: destination(), funct3: random.below(8), rs1: register(), high: random.below(4096))
    case 18..<24:
      let funct3: UInt64 = [0, 1, 5].randomElement(using: &random) ?? 0
      let high = (random.chance(1, in: 3) ? 0x400 : 0) | register()
      return encode(0x1b, rd: destination(), funct3: funct3, rs1: register(), high: high)
    case 24..<36: return registerOperation(0x33)
    case 36..<42: return registerOperation(0x3b)
    case 42..<45: return random.below(1 << 20) << 12 | encode(random.chance(1, in: 2) ? 0x37 : 0x17, rd: destination())
    case 45..<57:
      return encode(0x03, rd: destination(), funct3: random.below(7), rs1: pointerRegister(), high: random.below(256))
    case 57..<67:
      let high = random.below(8) << 5 | register()
      return encode(0x23, rd: random.below(32), funct3: random.below(4), rs1: pointerRegister(), high: high)
    case 67..<75: return branch()
    case 75..<77:
      // A jump of up to 1 KiB forwards or backwards.
      let signBits: UInt64 = random.chance(1, in: 2) ? 0x801f_f000 : 0
      return signBits | random.below(512) << 21 | encode(0x6f, rd: destination())
    case 77..<78: return encode(0x67, rd: destination(), rs1: pointerRegister(), high: random.below(4096))
    case 78..<82:
      let operation: UInt64 = [0, 1, 2, 3, 4, 8, 12, 16, 20, 24, 28].randomElement(using: &random) ?? 0
      let high = operation << 7 | (operation == 2 ? 0 : register())
      return encode(0x2f, rd: destination(), funct3: 2 + random.below(2), rs1: pointerRegister(), high: high)
    case 82..<90: return system()
    case 90..<98:
      // Two instructions of 16 bits.
      let word = random.next() & 0xffff_ffff
      return random.chance(3, in: 4) ? word & ~0x2_0002 : word
    default: return random.next() & 0xffff_ffff
    }
  }

  private mutating func registerOperation(_ opcode: UInt64) -> UInt64 {
    let funct7: UInt64 = [0, 0x20, 1].randomElement(using: &random) ?? 0
    let funct3 = funct7 == 0x20 ? (random.chance(1, in: 2) ? 0 : 5) : random.below(8)
    return encode(opcode, rd: destination(), funct3: funct3, rs1: register(), high: funct7 << 5 | register())
  }

  private mutating func branch() -> UInt64 {
    let funct3: UInt64 = [0, 1, 4, 5, 6, 7].randomElement(using: &random) ?? 0
    let isBackward = random.chance(1, in: 3)
    let high = (isBackward ? 0xfe0 : 0) | register()
    return encode(0x63, rd: random.below(16) << 1 | (isBackward ? 1 : 0), funct3: funct3, rs1: register(), high: high)
  }

  private mutating func system() -> UInt64 {
    switch random.below(20) {
    case 0, 13: return 0x73
    case 1: return 0x10_0073
    case 2: return 0x3020_0073
    case 3: return 0x1020_0073
    case 4: return 0x1050_0073
    case 5:
      let addressSpace = random.chance(1, in: 2) ? 0 : register()
      return encode(0x73, rd: 0, rs1: random.chance(1, in: 2) ? 0 : pointerRegister(), high: 0x120 | addressSpace)
    case 6: return 0x100f
    case 10, 11:
      // A device register: the timer's compare register, or the first ones of the other device.
      let isStore = random.chance(1, in: 2)
      return encode(
        isStore ? 0x23 : 0x03, rd: isStore ? 0 : destination(), funct3: random.below(4), rs1: 6 + random.below(2),
        high: isStore ? register() : 0)
    case 12: return encode(0x73, rd: destination(), funct3: 6, rs1: 2, high: random.chance(1, in: 2) ? 0x344 : 0x144)
    case 7, 8: return encode(0x73, rd: destination(), funct3: 1, rs1: 4 + random.below(2), high: 0x180)
    case 9: return encode(0x73, rd: destination(), funct3: 1, rs1: register(), high: 0x14d)
    default:
      let numbers: [UInt64] = [
        0xc00, 0xc01, 0xc02, 0xc05, 0x100, 0x104, 0x144, 0x106, 0x140, 0x141, 0x142, 0x143, 0x14d, 0x300, 0x301, 0x302,
        0x303, 0x304, 0x344, 0x306, 0x30a, 0x340, 0x342, 0x343, 0xb00, 0xb02, 0xf14, 0x3a0, 0x3b5, 0x320, 0x7c0,
      ]
      let number = numbers.randomElement(using: &random) ?? 0
      let funct3: UInt64 = [1, 2, 3, 5, 6, 7].randomElement(using: &random) ?? 1
      return encode(
        0x73, rd: destination(), funct3: funct3, rs1: random.chance(1, in: 2) ? 0 : register(), high: number)
    }
  }
}
