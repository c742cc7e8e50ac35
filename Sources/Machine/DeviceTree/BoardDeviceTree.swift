// The device tree of this board: the same nodes and `compatible` strings as QEMU's `virt` gives for the devices that exist here.
// Guests find their devices through it and must not be given anything it does not say.

/// What a device tree says beyond the fixed devices.
public struct DeviceTreeConfiguration: Sendable {
  /// The size of RAM in bytes, so small that RAM ends within the address space.
  public var memoryBytes: UInt64
  /// The instruction set as the `riscv,isa` property gives it.
  public var instructionSet: String
  /// The kernel's command line, or nil for none.
  public var bootArguments: String?
  /// Where an initial RAM disk has been loaded, or nil for none.
  public var initialRAMDisk: Range<UInt64>?
  /// Whether there is a simple disk.
  public var hasSimpleDisk = false
  /// Whether there is an IOMMU.
  public var hasIOMMU = false

  /// Describes a machine to its guest.
  public init(
    memoryBytes: UInt64, instructionSet: String = "rv64imafdc_zicntr_zicsr_zifencei_zihpm_zba_zbb_zbs_sstc",
    bootArguments: String? = nil,
    initialRAMDisk: Range<UInt64>? = nil
  ) {
    self.memoryBytes = memoryBytes
    self.instructionSet = instructionSet
    self.bootArguments = bootArguments
    self.initialRAMDisk = initialRAMDisk
  }
}

extension Board {
  private enum Phandle {
    static let cpu: UInt32 = 1
    static let cpuInterruptController: UInt32 = 2
    static let plic: UInt32 = 3
    static let finisher: UInt32 = 4
  }

  /// Bits of `mip` to which the interrupt controllers' lines go.
  private enum HartInterrupt {
    static let machineSoftware: UInt32 = 3
    static let machineTimer: UInt32 = 7
    static let supervisorExternal: UInt32 = 9
    static let machineExternal: UInt32 = 11
  }

  /// The device tree of a machine with this board.
  public static func deviceTree(_ configuration: DeviceTreeConfiguration) -> DeviceTreeNode {
    let memory = MemoryMap.ram..<MemoryMap.ram + configuration.memoryBytes
    return DeviceTreeNode(
      "",
      [
        DeviceTreeProperty("#address-cells", cells: 2),
        DeviceTreeProperty("#size-cells", cells: 2),
        DeviceTreeProperty("compatible", strings: "riscv-virtio"),
        DeviceTreeProperty("model", strings: "riscv-virtio,kernelarium"),
      ],
      children: [
        chosen(configuration),
        DeviceTreeNode(
          name("memory", memory),
          [DeviceTreeProperty("device_type", strings: "memory"), DeviceTreeProperty(registers: memory)]),
        cpus(configuration),
        systemController("poweroff", value: 0x5555),
        systemController("reboot", value: 0x7777),
        DeviceTreeNode(
          "soc",
          [
            DeviceTreeProperty("#address-cells", cells: 2),
            DeviceTreeProperty("#size-cells", cells: 2),
            DeviceTreeProperty("compatible", strings: "simple-bus"),
            DeviceTreeProperty("ranges"),
          ],
          children: peripherals(configuration)),
      ])
  }

  private static func peripherals(_ configuration: DeviceTreeConfiguration) -> [DeviceTreeNode] {
    var nodes = [
      device("rtc", MemoryMap.rtc, interrupt: MemoryMap.rtcInterrupt, "google,goldfish-rtc"), serialPort, finisher,
    ]
    nodes += (0..<MemoryMap.virtioSlotCount).reversed().map { slot in
      device(
        "virtio_mmio", MemoryMap.virtioSlot(slot), interrupt: MemoryMap.virtioInterrupt(slot: slot), "virtio,mmio")
    }
    if configuration.hasSimpleDisk {
      nodes.append(
        device("disk", MemoryMap.simpleDisk, interrupt: MemoryMap.simpleDiskInterrupt, "kernelarium,sdisk"))
    }
    if configuration.hasIOMMU {
      nodes.append(
        device("iommu", MemoryMap.iommu, interrupt: MemoryMap.iommuInterrupt, "kernelarium,iommu-windows"))
    }
    return nodes + [plic, clint]
  }

  private static func name(_ kind: String, _ registers: Range<UInt64>) -> String {
    "\(kind)@\(String(registers.lowerBound, radix: 16))"
  }

  private static func chosen(_ configuration: DeviceTreeConfiguration) -> DeviceTreeNode {
    DeviceTreeNode(
      "chosen",
      [DeviceTreeProperty("stdout-path", strings: "/soc/" + name("serial", MemoryMap.uart))]
        + configuration.chosenProperties)
  }

  private static func cpus(_ configuration: DeviceTreeConfiguration) -> DeviceTreeNode {
    let interruptController = DeviceTreeNode(
      "interrupt-controller",
      [
        DeviceTreeProperty("#address-cells", cells: 0),
        DeviceTreeProperty("#interrupt-cells", cells: 1),
        DeviceTreeProperty("interrupt-controller"),
        DeviceTreeProperty("compatible", strings: "riscv,cpu-intc"),
        DeviceTreeProperty("phandle", cells: Phandle.cpuInterruptController),
      ])
    let cpu = DeviceTreeNode(
      "cpu@0",
      [
        DeviceTreeProperty("phandle", cells: Phandle.cpu),
        DeviceTreeProperty("device_type", strings: "cpu"),
        DeviceTreeProperty("reg", cells: 0),
        DeviceTreeProperty("status", strings: "okay"),
        DeviceTreeProperty("compatible", strings: "riscv"),
        DeviceTreeProperty("riscv,isa", strings: configuration.instructionSet),
        DeviceTreeProperty("mmu-type", strings: "riscv,sv48"),
      ], children: [interruptController])
    let core = DeviceTreeNode("core0", [DeviceTreeProperty("cpu", cells: Phandle.cpu)])
    return DeviceTreeNode(
      "cpus",
      [
        DeviceTreeProperty("#address-cells", cells: 1),
        DeviceTreeProperty("#size-cells", cells: 0),
        DeviceTreeProperty("timebase-frequency", cells: MemoryMap.timebaseFrequency),
      ],
      children: [
        cpu, DeviceTreeNode("cpu-map", children: [DeviceTreeNode("cluster0", children: [core])]),
      ])
  }

  private static func systemController(_ action: String, value: UInt32) -> DeviceTreeNode {
    DeviceTreeNode(
      action,
      [
        DeviceTreeProperty("value", cells: value),
        DeviceTreeProperty("offset", cells: 0),
        DeviceTreeProperty("regmap", cells: Phandle.finisher),
        DeviceTreeProperty("compatible", strings: "syscon-\(action)"),
      ])
  }

  private static var serialPort: DeviceTreeNode {
    DeviceTreeNode(
      name("serial", MemoryMap.uart),
      [
        DeviceTreeProperty("interrupts", cells: UInt32(MemoryMap.uartInterrupt)),
        DeviceTreeProperty("interrupt-parent", cells: Phandle.plic),
        DeviceTreeProperty("clock-frequency", cells: 3_686_400),
        DeviceTreeProperty(registers: MemoryMap.uart),
        DeviceTreeProperty("compatible", strings: "ns16550a"),
      ])
  }

  private static var finisher: DeviceTreeNode {
    DeviceTreeNode(
      name("test", MemoryMap.finisher),
      [
        DeviceTreeProperty("phandle", cells: Phandle.finisher),
        DeviceTreeProperty(registers: MemoryMap.finisher),
        DeviceTreeProperty("compatible", strings: "sifive,test1", "sifive,test0", "syscon"),
      ])
  }

  private static func device(
    _ kind: String, _ registers: Range<UInt64>, interrupt: Int, _ compatible: String
  ) -> DeviceTreeNode {
    DeviceTreeNode(
      name(kind, registers),
      [
        DeviceTreeProperty("interrupts", cells: UInt32(interrupt)),
        DeviceTreeProperty("interrupt-parent", cells: Phandle.plic),
        DeviceTreeProperty(registers: registers),
        DeviceTreeProperty("compatible", strings: compatible),
      ])
  }

  private static var plic: DeviceTreeNode {
    DeviceTreeNode(
      name("plic", MemoryMap.plic),
      [
        DeviceTreeProperty("phandle", cells: Phandle.plic),
        DeviceTreeProperty("riscv,ndev", cells: UInt32(PLIC.lastSource)),
        DeviceTreeProperty(registers: MemoryMap.plic),
        DeviceTreeProperty(
          "interrupts-extended",
          cells: Phandle.cpuInterruptController, HartInterrupt.machineExternal, Phandle.cpuInterruptController,
          HartInterrupt.supervisorExternal),
        DeviceTreeProperty("interrupt-controller"),
        DeviceTreeProperty("compatible", strings: "sifive,plic-1.0.0", "riscv,plic0"),
        DeviceTreeProperty("#address-cells", cells: 0),
        DeviceTreeProperty("#interrupt-cells", cells: 1),
      ])
  }

  private static var clint: DeviceTreeNode {
    DeviceTreeNode(
      name("clint", MemoryMap.clint),
      [
        DeviceTreeProperty(
          "interrupts-extended",
          cells: Phandle.cpuInterruptController, HartInterrupt.machineSoftware, Phandle.cpuInterruptController,
          HartInterrupt.machineTimer),
        DeviceTreeProperty(registers: MemoryMap.clint),
        DeviceTreeProperty("compatible", strings: "sifive,clint0", "riscv,clint0"),
      ])
  }
}

extension DeviceTreeConfiguration {
  /// What a boot loader tells the kernel through the node `/chosen`.
  fileprivate var chosenProperties: [DeviceTreeProperty] {
    var properties: [DeviceTreeProperty] = []
    if let bootArguments { properties.append(DeviceTreeProperty("bootargs", strings: bootArguments)) }
    if let initialRAMDisk {
      properties.append(DeviceTreeProperty("linux,initrd-start", bytes: initialRAMDisk.lowerBound.bigEndianBytes))
      properties.append(DeviceTreeProperty("linux,initrd-end", bytes: initialRAMDisk.upperBound.bigEndianBytes))
    }
    return properties
  }
}

extension DeviceTreeNode {
  /// Makes the node `/chosen` of a tree say what a configuration does, and leaves alone what that does not speak of.
  mutating func choose(_ configuration: DeviceTreeConfiguration) {
    let properties = configuration.chosenProperties
    if properties.isEmpty { return }
    if !children.contains(where: { $0.name == "chosen" }) { children.append(DeviceTreeNode("chosen")) }
    for index in children.indices where children[index].name == "chosen" {
      children[index].properties.removeAll { old in properties.contains { $0.name == old.name } }
      children[index].properties += properties
    }
  }
}
