// What arrives at a system's devices from outside: typed bytes and network frames. It goes through the log of inputs, so
// that a replay gives it again; nobody may write to the board otherwise.

import Machine

extension System {
  /// Gives a device something from outside; in the past, that begins another future.
  ///
  /// - Parameter input: Bytes for a console, or a frame for an adapter with an external link and when it arrives.
  /// - Throws: `LabError` when the board has no device for it; then nothing has changed.
  public func receive(_ input: BoardInput) throws(LabError) {
    guard machine.board.takes(input) else {
      throw LabError(
        .notAvailable, "\(name) has no device for this input: \(input.target)", hint: "`info devices` lists what it has"
      )
    }
    apply(.board(input))
  }

  /// What an adapter has sent over its external link since the last call; empty if there is none in that slot.
  public func takeSentFrames(slot: Int) -> [TimedFrame] { machine.board.takeSentFrames(slot: slot) ?? [] }
}

extension Board {
  /// Whether there is a device for an input; a copy tells, because the devices are values.
  fileprivate func takes(_ input: BoardInput) -> Bool {
    var copy = self
    return copy.apply(input)
  }
}

extension BoardInput {
  fileprivate var target: String {
    switch self {
    case .serial: "bytes for the serial port"
    case .console(_, let slot): "bytes for a virtio console in slot \(slot)"
    case .frame(_, let slot): "a frame for an adapter with an external link in slot \(slot)"
    }
  }
}
