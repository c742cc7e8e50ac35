// Loading images: where they go, what the hart starts with, and what is refused.

import Testing

@testable import Machine

@Suite struct LoadingTests {
  @Test func anImageStartsAtItsEntryWithTheDeviceTree() throws {
    let elf = try ELFFile.parse(makeELF())
    var machine = try Machine(MachineConfiguration(memoryBytes: 1 << 20))
    try machine.load(elf)
    #expect(machine.pc == elf.entry)
    #expect(machine.privilege == .machine)
    #expect(machine[.a0] == 0)
    // The device tree's magic number, big endian.
    #expect(machine.memory.bytes(at: machine[.a1], count: 4) == [0xd0, 0x0d, 0xfe, 0xed])
    let contents = elf.segments.first.map { Array(elf.contents(of: $0)) }
    #expect(machine.memory.bytes(at: MemoryMap.ram, count: 16) == contents)
  }

  @Test func aSegmentOutsideMemoryIsNamed() throws {
    let elf = try ELFFile.parse(makeELF([ProgramHeader(address: 0x9000_0000)]))
    var machine = try Machine(MachineConfiguration(memoryBytes: 1 << 20))
    let range = MemoryMap.ram..<MemoryMap.ram + 1 << 20
    #expect(throws: MachineError.segmentOutsideMemory(address: 0x9000_0000, bytes: 32, memory: range)) {
      try machine.load(elf)
    }
  }

  @Test func memoryTooSmallForTheDeviceTreeIsAnError() throws {
    let elf = try ELFFile.parse(makeELF())
    var machine = try Machine(
      MachineConfiguration(memoryBytes: 4096, bootArguments: String(repeating: "x", count: 5000)))
    #expect(throws: MachineError.self) { try machine.load(elf) }
  }
}
