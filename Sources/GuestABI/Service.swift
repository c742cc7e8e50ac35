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
  case net = 7
  case nic = 8
  case kv = 9
  /// The environment subsystem for programs of another system.
  case linux = 10
  case pipe = 11
}

#if !hasFeature(Embedded)
  extension Service {
    /// The name as recipes and messages show it.
    public var name: String { "\(self)" }

    /// The service with that name.
    public init?(name: String) {
      guard let service = Self.allCases.first(where: { $0.name == name }) else { return nil }
      self = service
    }
  }
#endif
