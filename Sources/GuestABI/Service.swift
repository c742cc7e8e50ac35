// The services that systems are composed of, and the numbers by which stubs and servers know them.

/// A service behind an interface; the number is its endpoint's slot in a task's capability table.
public enum Service: UInt64, CaseIterable, Sendable {
  /// Restarts services that died or fell silent.
  case reinc = 1
  case pm = 2
  case vm = 3
  case fs = 4
  case blk = 5
  case con = 6
  case pipe = 11
}
