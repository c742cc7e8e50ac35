// Why a task was ended, beside the causes that `scause` can hold.

/// Causes of the guests' own, in the range that the privileged specification leaves to each system (24 to 31).
public enum FaultCause {
  /// There was no memory for a page that the task may touch.
  @inlinable public static var noMemory: UInt64 { 24 }
}
