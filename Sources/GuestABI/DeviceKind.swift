// The kinds of device that a driver may ask for, by the numbers that guests use (Sources/Guests/Interfaces/env.h).

#if !hasFeature(Embedded)
  /// A kind of device on the board.
  public enum DeviceKind: UInt32, CaseIterable, Sendable {
    case console = 1
    case block = 2
    case network = 3
    case simpleDisk = 4
    case entropy = 5

    /// The name as recipes spell it.
    public var name: String { "\(self)" }

    /// The kind with that name.
    public init?(name: String) {
      guard let kind = Self.allCases.first(where: { $0.name == name }) else { return nil }
      self = kind
    }
  }
#endif
