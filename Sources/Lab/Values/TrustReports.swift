// What is said about trust: the privileged code that everything depends on, and who can reach what.
//
// Field names are part of the program's JSON output: add, never rename.

/// One component of the privileged part of an image.
public struct TrustedPart: Codable, Equatable, Sendable {
  /// The component; `kernel` for sections of no component.
  public var component: String
  /// As in `ComponentReport`.
  public var kind: String
  /// Bytes of instructions.
  public var textBytes: UInt64
  /// Bytes of constants.
  public var constantBytes: UInt64
  /// Bytes of initialised data.
  public var dataBytes: UInt64
  /// Functions that were linked.
  public var functions: Int
  /// Those that other components may call.
  public var entryPoints: [String]

  /// All its bytes.
  public var bytes: UInt64 { textBytes + constantBytes + dataBytes }
}

/// The trusted computing base of one structure.
public struct TrustedBase: Codable, Equatable, Sendable {
  /// The structure.
  public var kernel: String
  /// Text, constants and data that run privileged: the sum over `components`.
  public var privilegedBytes: UInt64
  /// Functions that run privileged.
  public var functions: Int
  /// Functions among them that other components may call.
  public var entryPoints: Int
  /// The services and drivers among the components.
  public var services: [String]
  /// In the order of their addresses.
  public var components: [TrustedPart]
}

/// What `info tcb` answers.
public struct TrustReport: Codable, Equatable, Sendable {
  /// One row a structure.
  public var kernels: [TrustedBase]
}

/// Memory of one owner that a task can reach, with one set of rights.
public struct MemoryRight: Codable, Equatable, Sendable {
  /// What lies there, such as `fs text`.
  public var owner: String
  /// Such as `r-x`.
  public var permissions: String
  /// Bytes mapped so.
  public var bytes: UInt64
  /// Other tasks whose own code can reach some of the same physical pages.
  public var sharedWith: [String]
}

/// What one device can reach by itself on behalf of whoever programs it.
public struct DMARight: Codable, Equatable, Sendable {
  /// The device, such as `virtio7`.
  public var device: String
  /// What it is.
  public var kind: String
  /// Whether nothing stands between it and memory.
  public var unlimited: Bool
  /// Bytes of RAM that it can reach.
  public var bytes: UInt64
  /// The windows that the IOMMU leaves it; empty when `unlimited`.
  public var windows: [DMAWindow]
}

/// A range of RAM that the IOMMU lets a device reach.
public struct DMAWindow: Codable, Equatable, Sendable {
  /// First physical address.
  public var start: UInt64
  /// Bytes.
  public var bytes: UInt64
  /// Such as `rw`.
  public var permissions: String
}

/// Everything that the code of one task, or of the kernel, can reach.
public struct RightsRow: Codable, Equatable, Sendable {
  /// The task's name; `kernel` for S-mode.
  public var task: String
  /// The task's number; 0 for the kernel.
  public var id: UInt32
  /// The privilege that the rights are for.
  public var privilege: String
  /// Bytes of RAM that it may read.
  public var readableBytes: UInt64
  /// Bytes of RAM that it may write.
  public var writableBytes: UInt64
  /// Bytes of RAM that it may execute.
  public var executableBytes: UInt64
  /// RAM, by owner and rights.
  public var memory: [MemoryRight]
  /// Devices whose registers it can reach.
  public var devices: [String]
  /// What those devices can reach for it.
  public var dma: [DMARight]
}

/// What `info rights` answers.
public struct RightsReport: Codable, Equatable, Sendable {
  /// The system.
  public var system: String
  /// The kernel structure.
  public var kernel: String
  /// `absent`, `off` or `on`.
  public var iommu: String
  /// All RAM, in bytes.
  public var memoryBytes: UInt64
  /// The kernel, then the tasks in the table's order.
  public var rows: [RightsRow]
}
