// What is said about kernels side by side: one workload on each, and where their parts sit.
//
// Field names are part of the program's JSON output: add, never rename.

/// The sizes of one structure's image, read from its ELF files.
public struct ImageSizes: Codable, Equatable, Sendable {
  /// Loadable bytes of the image, no debug sections.
  public var imageBytes: UInt64
  /// Text, constants and data of everything linked to run privileged.
  public var privilegedBytes: UInt64
  /// Functions among them.
  public var privilegedFunctions: Int
  /// Functions among these that other objects may call.
  public var privilegedEntryPoints: Int
  /// Programs in the boot archive.
  public var programs: Int
}

/// One kernel's row in a comparison.
public struct ComparisonRow: Codable, Equatable, Sendable {
  /// The kernel structure.
  public var kernel: String
  /// Whether the workload ran and gave the expected result.
  public var ok: Bool
  /// Of the first call, with data still on the disk.
  public var cold: CallCounters?
  /// Of one warm call.
  public var counters: CallCounters?
  /// Instructions of the idle loop during the first call.
  public var coldIdleInstructions: UInt64?
  /// Who executed the instructions of `counters`, by component, image and privilege.
  public var components: [ComponentShare]?
  /// The instructions of `counters` that were spent in functions that copy bytes.
  public var copyingInstructions: UInt64?
  /// What the guest gave back: the bytes that were read, or a program's output.
  public var data: String?
  /// Whether that is what the first row's guest gave back.
  public var sameData: Bool?
  /// The image's sizes, for the workloads `size` and `boot`.
  public var sizes: ImageSizes?
  /// Where the difference to the first row comes from, in words made of the figures.
  public var difference: String?
  /// What is special about this row's measurement.
  public var note: String?
  /// Why the structure cannot do it.
  public var refused: String?

  init(kernel: String) {
    self.kernel = kernel
    ok = false
  }
}

/// What `compare` answers.
public struct ComparisonReport: Codable, Equatable, Sendable {
  /// The workload's name.
  public var workload: String
  /// What is called.
  public var description: String
  /// The kernel that the others' `difference` and `sameData` refer to; nil when no row is `ok`.
  public var baseline: String?
  /// One row a kernel, in the order asked for.
  public var rows: [ComparisonRow]
}
