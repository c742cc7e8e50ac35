// The device tree: what it says, that it survives the flattened form, that `dtc` accepts it, and that garbage is refused.

import Foundation
import Testing

@testable import Machine

@Suite("Device tree")
struct DeviceTreeTests {
  private let tree = Board.deviceTree(
    DeviceTreeConfiguration(
      memoryBytes: 64 << 20, bootArguments: "quiet root=/dev/vda", initialRAMDisk: 0x8100_0000..<0x8200_0000))

  /// The tree of a board with everything that QEMU's has not.
  private var fullTree: DeviceTreeNode {
    var configuration = DeviceTreeConfiguration(memoryBytes: 64 << 20)
    configuration.hasSimpleDisk = true
    configuration.hasIOMMU = true
    return Board.deviceTree(configuration)
  }

  @Test func flattenedTreeReadsBackEqual() throws {
    #expect(try DeviceTreeNode(flattened: tree.flattened) == tree)
  }

  @Test func describesMemoryClockAndDevices() throws {
    let read = try DeviceTreeNode(flattened: tree.flattened)
    #expect(read.node(["memory@80000000"])?[property: "reg"]?.cells == [0, 0x8000_0000, 0, 64 << 20])
    #expect(read.node(["cpus"])?[property: "timebase-frequency"]?.cells == [10_000_000])
    #expect(read.node(["cpus", "cpu@0"])?[property: "mmu-type"]?.strings == ["riscv,sv48"])
    #expect(read.node(["soc", "serial@10000000"])?[property: "interrupts"]?.cells == [10])
    #expect(read.node(["soc", "virtio_mmio@10008000"])?[property: "interrupts"]?.cells == [8])
    #expect(
      read.node(["soc", "test@100000"])?[property: "compatible"]?.strings == ["sifive,test1", "sifive,test0", "syscon"])
    #expect(read.node(["chosen"])?[property: "bootargs"]?.strings == ["quiet root=/dev/vda"])
    #expect(read.node(["chosen"])?[property: "linux,initrd-end"]?.cells == [0, 0x8200_0000])
    #expect(read.node(["soc", "nothing"]) == nil)
  }

  @Test func everyDeviceOfTheBoardIsInTheTree() throws {
    let registers = try #require(tree.node(["soc"])).children.compactMap { $0[property: "reg"]?.cells }
    for device in Board(BoardConfiguration()).devices {
      #expect(registers.contains([0, UInt32(device.address), 0, UInt32(device.size)]), "\(device.name)")
    }
  }

  @Test func devicesThatQEMULacksAreOnlyInTheTreeWhenPresent() throws {
    var configuration = BoardConfiguration()
    configuration.simpleDisk = try DiskImage(contents: [UInt8](repeating: 0, count: 512))
    configuration.hasIOMMU = true
    let nodes = try #require(fullTree.node(["soc"])).children
    for device in Board(configuration).devices {
      let node = try #require(
        nodes.first { $0[property: "reg"]?.cells == [0, UInt32(device.address), 0, UInt32(device.size)] })
      #expect(node[property: "compatible"]?.strings?.first == device.compatible)
      if let interrupt = device.interrupt { #expect(node[property: "interrupts"]?.cells == [UInt32(interrupt)]) }
    }
    #expect(tree.node(["soc", "disk@10200000"]) == nil)
    #expect(tree.node(["soc", "iommu@10300000"]) == nil)
    #expect(tree.node(["soc", "rtc@101000"])?[property: "interrupts"]?.cells == [11])
  }

  @Test func machinesTreeDescribesItsDevices() throws {
    var configuration = MachineConfiguration(memoryBytes: 1 << 20)
    configuration.board.hasIOMMU = true
    var machine = try Machine(configuration)
    try machine.load(try ELFFile.parse(makeELF()))
    let bytes = machine.memory.bytes(at: machine[register: 11], count: 4096)
    let tree = try DeviceTreeNode(flattened: try #require(bytes))
    #expect(tree.node(["soc", "iommu@10300000"]) != nil)
    #expect(tree.node(["soc", "disk@10200000"]) == nil)
  }

  @Test(.enabled(if: Toolchain.has("dtc")), arguments: [false, true])
  func compilerAcceptsTheTreeWithoutComplaint(isFull: Bool) throws {
    try Toolchain.withTemporaryFolder { folder in
      let blob = folder.appending(path: "board.dtb")
      try Data((isFull ? fullTree : tree).flattened).write(to: blob)
      // `-E` turns a check's warning into an error.
      let source = try Toolchain.run(
        "dtc",
        [
          "-I", "dtb", "-O", "dts", "-E", "unit_address_vs_reg", "-E", "reg_format", "-E", "interrupts_property", "-E",
          "interrupt_provider", "-E", "simple_bus_reg", blob.path,
        ])
      #expect(source.contains("sifive,plic-1.0.0"))
    }
  }

  @Test func headersThatMakeNoSenseAreNamed() {
    let bytes = tree.flattened
    #expect(throws: DeviceTreeError.truncated(offset: 0)) { try DeviceTreeNode(flattened: []) }
    #expect(throws: DeviceTreeError.wrongMagic(0)) { try DeviceTreeNode(flattened: [UInt8](repeating: 0, count: 40)) }
    #expect(throws: DeviceTreeError.truncated(offset: bytes.count - 1)) {
      try DeviceTreeNode(flattened: bytes.dropLast())
    }
    var future = bytes
    future[27] = 18
    #expect(throws: DeviceTreeError.unsupportedVersion(18)) { try DeviceTreeNode(flattened: future) }
    var noRoot = bytes
    noRoot[59] = 9
    #expect(throws: DeviceTreeError.unexpectedToken(9, offset: 56)) { try DeviceTreeNode(flattened: noRoot) }
  }

  @Test func damagedTreesNeverCrash() {
    let bytes = tree.flattened
    var generator = SeededGenerator(seed: 4)
    var accepted = 0
    var refused = 0
    for _ in 0..<5_000 {
      var damaged = bytes
      for _ in 0..<Int.random(in: 1...8, using: &generator) {
        damaged[.random(in: damaged.indices, using: &generator)] = .random(in: 0...255, using: &generator)
      }
      do {
        _ = try DeviceTreeNode(flattened: damaged)
        accepted += 1
      } catch {
        refused += error.description.isEmpty ? 0 : 1
      }
    }
    #expect(accepted > 100 && refused > 100)
  }

  @Test func nestingWithoutEndIsRefused() {
    var deep = DeviceTreeNode("leaf")
    for _ in 0..<100 { deep = DeviceTreeNode("node", children: [deep]) }
    #expect(throws: DeviceTreeError.self) { try DeviceTreeNode(flattened: deep.flattened) }
  }
}
