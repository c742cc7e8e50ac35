// Firmware, kernel, initial RAM disk and device tree: where they go, what the hart is told, and what is refused.

import Testing

@testable import Machine

@Suite struct BootContentsTests {
  private let memory: UInt64 = 16 << 20

  private func machine(_ contents: BootContents, arguments: String? = nil, memory: UInt64? = nil) throws -> Machine {
    var machine = try Machine(
      MachineConfiguration(memoryBytes: memory ?? self.memory, bootArguments: arguments))
    try machine.load(contents)
    return machine
  }

  /// The device tree that `a1` points to.
  private func tree(_ machine: borrowing Machine) throws -> DeviceTreeNode {
    let header = machine.memory.bytes(at: machine[.a1], count: 8)
    let size = try Int(#require(header).bigEndian(at: 4))
    let bytes = machine.memory.bytes(at: machine[.a1], count: size)
    return try DeviceTreeNode(flattened: #require(bytes))
  }

  @Test func aRawKernelWithoutFirmwareStartsAtTheBeginningOfMemory() throws {
    var contents = BootContents()
    contents.kernel = .raw([1, 2, 3, 4])
    let machine = try machine(contents)
    #expect(machine.pc == 0x8000_0000)
    #expect(machine.memory.bytes(at: 0x8000_0000, count: 4) == [1, 2, 3, 4])
    #expect(machine[.a2] == 0)
    #expect(try tree(machine).node(["memory@80000000"]) != nil)
  }

  @Test func firmwareIsToldWhereTheKernelIs() throws {
    var contents = BootContents()
    contents.firmware = .raw([UInt8](repeating: 7, count: 100))
    contents.kernel = .raw([9])
    let machine = try machine(contents)
    #expect(machine.pc == 0x8000_0000)
    #expect(machine.memory.load(UInt8.self, at: 0x8020_0000) == 9)
    let information = (0..<6).map { machine.memory.load(UInt64.self, at: machine[.a2] + 8 * $0) }
    #expect(information == [0x4942_534f, 2, 0x8020_0000, 1, 0, 0])
  }

  @Test func aKernelGoesBehindLongFirmware() throws {
    var contents = BootContents()
    contents.firmware = .raw([UInt8](repeating: 7, count: 0x20_0001))
    contents.kernel = .raw([9])
    let machine = try machine(contents)
    #expect(machine.memory.load(UInt8.self, at: 0x8040_0000) == 9)
  }

  @Test func theRAMDiskIsInMemoryWhereTheTreeSays() throws {
    var contents = BootContents()
    contents.kernel = .raw([1])
    contents.initialRAMDisk = (0..<5000).map { UInt8(truncatingIfNeeded: $0) }
    let machine = try machine(contents, arguments: "quiet")
    let chosen = try #require(try tree(machine).node(["chosen"]))
    #expect(chosen[property: "bootargs"]?.strings == ["quiet"])
    let start = try #require(chosen[property: "linux,initrd-start"]?.cells?.last)
    let end = try #require(chosen[property: "linux,initrd-end"]?.cells?.last)
    #expect(end - start == 5000)
    #expect(machine.memory.bytes(at: UInt64(start), count: 5000) == contents.initialRAMDisk)
  }

  @Test func anotherDeviceTreeKeepsWhatItSaysAndGetsTheArguments() throws {
    var contents = BootContents()
    contents.kernel = .raw([1])
    contents.deviceTree = DeviceTreeNode(
      "",
      children: [
        DeviceTreeNode(
          "chosen",
          [DeviceTreeProperty("bootargs", strings: "old"), DeviceTreeProperty("stdout-path", strings: "/x")]),
        DeviceTreeNode("x"),
      ])
    let given = try tree(try machine(contents))
    #expect(given == contents.deviceTree)
    let changed = try tree(try machine(contents, arguments: "new"))
    #expect(changed.node(["chosen"])?[property: "bootargs"]?.strings == ["new"])
    #expect(changed.node(["chosen"])?[property: "stdout-path"]?.strings == ["/x"])
    #expect(changed.node(["x"]) != nil)
  }

  @Test func nothingToRunIsRefused() throws {
    #expect(throws: LoadingError.nothingToRun) { _ = try machine(BootContents()) }
  }

  @Test func partsThatOverlapAreNamedAndNothingIsWritten() throws {
    var contents = BootContents()
    contents.firmware = .raw([1, 2, 3, 4])
    contents.kernel = .executable(try ELFFile.parse(makeELF()))
    var machine = try Machine(MachineConfiguration(memoryBytes: memory))
    let before = machine.stateHash()
    let range: Range<UInt64> = 0x8000_0000..<0x8000_0004
    #expect(throws: LoadingError.overlap(part: "the kernel", other: "the firmware", addresses: range)) {
      try machine.load(contents)
    }
    #expect(machine.stateHash() == before)
  }

  @Test func aLinuxImageOccupiesWhatItsHeaderSays() throws {
    var image = [UInt8](repeating: 0, count: 64)
    image.replaceLittleEndian(memory, at: 16)
    image.replaceSubrange(56..<60, with: [0x52, 0x53, 0x43, 0x05])
    var contents = BootContents()
    contents.kernel = .raw(image)
    #expect(throws: LoadingError.self) { _ = try machine(contents) }
    _ = try machine(contents, memory: memory * 2)
  }

  @Test func memoryTooSmallIsAnErrorForEveryPart() throws {
    for size: UInt64 in [4096, 8192, 0x1_0000, 0x1_8000] {
      var contents = BootContents()
      contents.firmware = .raw([1])
      contents.kernel = .raw([1])
      contents.initialRAMDisk = [UInt8](repeating: 1, count: 1 << 20)
      #expect(throws: LoadingError.self) { _ = try machine(contents, memory: size) }
    }
  }

  @Test func bytesThatStartLikeAnELFFileMustBeOne() throws {
    #expect(throws: ELFError.self) { _ = try ProgramImage([0x7f, 0x45, 0x4c, 0x46]) }
    guard case .raw = try ProgramImage([0x7f]) else {
      Issue.record("other bytes are raw")
      return
    }
  }
}
