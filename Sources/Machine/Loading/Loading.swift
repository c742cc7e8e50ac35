// Putting firmware, kernel, initial RAM disk and device tree where QEMU's `virt` board puts them or where the firmware
// expects them. Everything is checked before anything is written, so a refused load leaves the machine as it was.

extension Machine {
  private enum Placement {
    /// Where OpenSBI's `fw_jump` expects its payload, and where a payload goes at the earliest.
    static let payloadOffset: UInt64 = 0x20_0000
    /// Firmware adds nodes to the device tree in place.
    static let deviceTreeSlack: UInt64 = 0x1_0000
    static let pageSize: UInt64 = 0x1000
  }

  /// Loads what a machine is started with and points the hart at its first instruction, in M-mode.
  ///
  /// `a0` holds the hart's number, 0, and `a1` the address of the device tree. With firmware, a raw kernel goes 2 MiB
  /// above the start of RAM or to the next multiple of 2 MiB behind the firmware, and `a2` points to the information
  /// that OpenSBI's `fw_dynamic` takes (OpenSBI, `include/sbi/fw_dynamic.h`, version 2): the kernel's entry and S-mode.
  /// A symbol `tohost` of the kernel, or else of the firmware, becomes the host-target interface.
  /// - Throws: `LoadingError`; then nothing has been changed.
  public mutating func load(_ contents: BootContents) throws(LoadingError) {
    guard let first = contents.firmware ?? contents.kernel else { throw .nothingToRun }
    let memoryRange = ram.base..<ram.base + ram.size
    var layout = MemoryLayoutPlan(memory: memoryRange)

    var firmwareEnd = memoryRange.lowerBound
    if let firmware = contents.firmware {
      firmwareEnd = try layout.add(firmware, named: "the firmware", rawAddress: memoryRange.lowerBound)
    }
    var kernelAddress = memoryRange.lowerBound
    if contents.firmware != nil {
      let boundary = Placement.payloadOffset
      kernelAddress = max(kernelAddress + boundary, (firmwareEnd + boundary - 1) / boundary * boundary)
    }
    if let kernel = contents.kernel {
      _ = try layout.add(kernel, named: "the kernel", rawAddress: kernelAddress)
    }

    // From the end of RAM downwards: what the firmware is told, the device tree, the initial RAM disk.
    let top = memoryRange.upperBound - Placement.pageSize
    let withoutDisk = deviceTree(for: contents, initialRAMDisk: nil)
    // Announcing a disk makes the tree longer; the slack covers that as well.
    let treeSize = UInt64(withoutDisk.count) + Placement.deviceTreeSlack
    let treeAddress = (max(top, treeSize) - treeSize) & ~(Placement.pageSize - 1)
    var disk: Range<UInt64>?
    if let bytes = contents.initialRAMDisk {
      let size = UInt64(bytes.count)
      let address = (max(treeAddress, size) - size) & ~(Placement.pageSize - 1)
      disk = address..<address + size
      try layout.add(bytes[...], at: address, size: size, named: "the initial RAM disk")
    }
    let tree = deviceTree(for: contents, initialRAMDisk: disk)
    try layout.add(tree[...], at: treeAddress, size: treeSize, named: "the device tree")

    let kernelEntry = contents.kernel.map { Self.entry(of: $0, rawAddress: kernelAddress) }
    if contents.firmware != nil {
      let information = Self.firmwareInformation(next: kernelEntry ?? 0)
      try layout.add(information[...], at: top, size: UInt64(information.count), named: "the firmware's information")
    }

    for part in layout.parts { _ = part.bytes.withUnsafeBytes { ram.write(part.addresses.lowerBound, from: $0) } }
    for case .executable(let elf)? in [contents.firmware, contents.kernel] { attachHostInterface(of: elf) }
    hart.pc = Self.entry(of: first, rawAddress: memoryRange.lowerBound)
    registers[10] = 0
    registers[11] = treeAddress
    registers[12] = contents.firmware == nil ? 0 : top
  }

  private static func entry(of image: ProgramImage, rawAddress: UInt64) -> UInt64 {
    switch image {
    case .executable(let elf): elf.entry & ~1
    case .raw: rawAddress
    }
  }

  private func deviceTree(for contents: BootContents, initialRAMDisk: Range<UInt64>?) -> [UInt8] {
    var description = deviceTreeConfiguration
    description.initialRAMDisk = initialRAMDisk
    guard var tree = contents.deviceTree else { return Board.deviceTree(description).flattened }
    tree.choose(description)
    return tree.flattened
  }

  /// The structure `fw_dynamic_info`: magic number, version, next address, next mode, options, boot hart.
  private static func firmwareInformation(next: UInt64) -> [UInt8] {
    let magicNumber: UInt64 = 0x4942_534f
    let version: UInt64 = 2
    let supervisorMode: UInt64 = 1
    return [magicNumber, version, next, supervisorMode, 0, 0].flatMap { word in
      withUnsafeBytes(of: word.littleEndian) { [UInt8]($0) }
    }
  }
}

/// Which bytes go where, collected and checked before anything is written.
private struct MemoryLayoutPlan {
  struct Part {
    let name: String
    /// All that the part occupies; the bytes are its beginning.
    let addresses: Range<UInt64>
    let bytes: ArraySlice<UInt8>
  }

  let memory: Range<UInt64>
  private(set) var parts: [Part] = []

  init(memory: Range<UInt64>) { self.memory = memory }

  /// Adds an image and returns the end of its highest part.
  mutating func add(_ image: ProgramImage, named name: String, rawAddress: UInt64) throws(LoadingError) -> UInt64 {
    switch image {
    case .raw(let bytes):
      let size = max(UInt64(bytes.count), Self.linuxImageSize(bytes) ?? 0)
      try add(bytes[...], at: rawAddress, size: size, named: name)
    case .executable(let elf):
      for segment in elf.segments {
        try add(elf.contents(of: segment), at: segment.address, size: segment.memorySize, named: name)
      }
    }
    return parts.lazy.filter { $0.name == name }.map(\.addresses.upperBound).max() ?? rawAddress
  }

  mutating func add(
    _ bytes: ArraySlice<UInt8>, at address: UInt64, size: UInt64, named name: String
  ) throws(LoadingError) {
    let (end, overflows) = address.addingReportingOverflow(size)
    let addresses = address..<(overflows ? .max : end)
    guard !overflows, memory.lowerBound <= address, end <= memory.upperBound else {
      throw .outsideMemory(part: name, addresses: addresses, memory: memory)
    }
    if let other = parts.first(where: { $0.addresses.overlaps(addresses) && $0.name != name }) {
      throw .overlap(part: name, other: other.name, addresses: other.addresses.clamped(to: addresses))
    }
    parts.append(Part(name: name, addresses: addresses, bytes: bytes))
  }

  /// The memory that a Linux `Image` occupies, by its header (Linux, `Documentation/arch/riscv/boot-image-header.rst`).
  private static func linuxImageSize(_ bytes: [UInt8]) -> UInt64? {
    guard bytes.count >= 64, bytes[56..<60].elementsEqual([0x52, 0x53, 0x43, 0x05]) else { return nil }
    return bytes[16..<24].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
