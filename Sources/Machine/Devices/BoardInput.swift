// What comes into a machine from outside, as values, so that whoever keeps a log can store it and give it again.
// A run is repeated by applying the same inputs at the same instruction counts and times.

/// One piece of outside input.
public enum BoardInput: Hashable, Codable, Sendable {
  /// Bytes for the serial port.
  case serial([UInt8])
  /// Bytes for the virtio console in a slot.
  case console([UInt8], slot: Int)
  /// A frame for the network adapter with an external link in a slot, and when it reaches it.
  case frame(TimedFrame, slot: Int)
}

extension Board {
  /// Takes a piece of outside input.
  ///
  /// - Returns: False if the board has no device for it; then nothing has changed.
  public mutating func apply(_ input: BoardInput) -> Bool {
    switch input {
    case .serial(let bytes):
      uart.receive(bytes)
      return true
    case .console(let bytes, let slot): return receiveConsoleInput(bytes, slot: slot)
    case .frame(let frame, let slot): return receive(frame, slot: slot)
    }
  }
}
