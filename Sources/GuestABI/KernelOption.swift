// What can be switched in a running kernel by writing a word of its memory.
//
// The host must write 0 or 1; the kernel follows in its own time.

#if !hasFeature(Embedded)
  /// A word of a kernel's options; the raw value is its offset in bytes from `symbol`.
  public enum KernelOption: UInt64, CaseIterable, Sendable {
    /// Address spaces have nothing of the kernel but its trap gate: page tables are swapped at every trap.
    case isolatePageTable = 0
    /// Each message goes through a buffer of the kernel, and its receiver waits for its turn.
    case bufferedMessages = 8

    /// The kernel's symbol.
    public static let symbol = "kernel_options"

    /// The name as `set` takes it, behind `kernel.`.
    public var name: String {
      switch self {
      case .isolatePageTable: "isolate-page-table"
      case .bufferedMessages: "buffered-messages"
      }
    }

    /// A symbol that a kernel has which follows the option.
    public var evidence: String {
      switch self {
      case .isolatePageTable: "gate_entry"
      case .bufferedMessages: "message_buffer"
      }
    }
  }
#endif
