// What a machine is started with: firmware, kernel, initial RAM disk and device tree, as values. Where they go in memory
// is decided in `Loading.swift`; nothing here reads files.

/// A program for the hart: an ELF executable, or bytes to be put into memory as they are.
public enum ProgramImage: Sendable {
  /// An executable that says where its parts go and where it starts.
  case executable(ELFFile)
  /// Bytes that start with their first instruction, such as Linux's `Image`.
  case raw([UInt8])

  /// Takes bytes for what they look like: an ELF file if they start as one, otherwise raw.
  ///
  /// - Throws: `ELFError` if they start like an ELF file but are no usable one.
  public init(_ bytes: [UInt8]) throws(ELFError) {
    self = bytes.starts(with: [0x7f, 0x45, 0x4c, 0x46]) ? .executable(try ELFFile.parse(bytes)) : .raw(bytes)
  }

  /// The executable, with its symbols; nil for raw bytes.
  public var file: ELFFile? {
    if case .executable(let file) = self { file } else { nil }
  }

  /// The size of the whole file in bytes.
  public var byteCount: Int {
    switch self {
    case .executable(let file): file.bytes.count
    case .raw(let bytes): bytes.count
    }
  }
}

/// What is put into memory before the first instruction.
public struct BootContents: Sendable {
  /// What the hart enters in M-mode and what starts the kernel; without it the hart enters the kernel in M-mode.
  public var firmware: ProgramImage?
  /// The kernel, or whatever else the firmware starts.
  public var kernel: ProgramImage?
  /// An initial RAM disk, announced in the device tree.
  public var initialRAMDisk: [UInt8]?
  /// A device tree instead of the machine's own.
  public var deviceTree: DeviceTreeNode?

  /// Nothing to load yet.
  public init() {}
}

/// Why boot contents cannot be put into memory.
public enum LoadingError: Error, Hashable, CustomStringConvertible {
  /// There is neither firmware nor a kernel.
  case nothingToRun
  /// A part's place is not within memory.
  case outsideMemory(part: String, addresses: Range<UInt64>, memory: Range<UInt64>)
  /// Two parts would occupy the same addresses.
  case overlap(part: String, other: String, addresses: Range<UInt64>)

  /// What is wrong, what was expected, and what to try.
  public var description: String {
    func text(_ range: Range<UInt64>) -> String {
      "0x\(String(range.lowerBound, radix: 16)) to 0x\(String(range.upperBound, radix: 16))"
    }
    switch self {
    case .nothingToRun:
      return "there is nothing to run: expected a kernel, firmware, or both"
    case .outsideMemory(let part, let addresses, let memory):
      return "\(part) would occupy \(text(addresses)), which is not all in memory, \(text(memory)): "
        + "link it elsewhere or give the machine more memory"
    case .overlap(let part, let other, let addresses):
      return "\(part) and \(other) would both occupy \(text(addresses)): "
        + "link one of them elsewhere or give the machine more memory"
    }
  }
}
