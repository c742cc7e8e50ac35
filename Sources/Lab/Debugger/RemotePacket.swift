// The framing of gdb's remote serial protocol: `$payload#checksum`, acknowledgements and the interrupt byte.
//
// Values only. What a payload means is not decided here, and nothing the other side sends can make this fail.
// Source: Debugging with GDB, appendix "Remote Serial Protocol", section "Overview".

/// What arrives on a connection with a debugger.
enum RemoteElement: Equatable {
  /// The other side received a packet.
  case acknowledged
  /// The other side wants the last packet again.
  case refused
  /// Ctrl-C: the guest is to stop.
  case interrupt
  /// A packet whose checksum was right, with escapes resolved.
  case packet([UInt8])
  /// A packet that was damaged or too long.
  case damaged
}

/// Takes arriving bytes apart, however they are cut into pieces.
struct RemotePacketReader {
  /// The longest payload that is kept, as promised in `PacketSize`.
  static let maximumPayload = 0x4000

  private enum State {
    case between
    case payload
    case escaped
    case firstDigit
    case secondDigit(high: UInt8)
  }

  private var state = State.between
  private var payload: [UInt8] = []
  private var sum: UInt8 = 0
  private var isTooLong = false

  /// Takes one byte; returns the element that it completes.
  mutating func take(_ byte: UInt8) -> RemoteElement? {
    switch state {
    case .between: return takeBetween(byte)
    case .payload:
      switch byte {
      case UInt8(ascii: "#"): state = .firstDigit
      // A new packet begins before the old one ended.
      case UInt8(ascii: "$"): begin()
      case UInt8(ascii: "}"):
        sum &+= byte
        state = .escaped
      default:
        sum &+= byte
        keep(byte)
      }
    case .escaped:
      sum &+= byte
      keep(byte ^ RemotePacket.escapeMask)
      state = .payload
    case .firstDigit:
      guard let high = Hexadecimal.digit(byte) else { return end(with: .damaged) }
      state = .secondDigit(high: high)
    case .secondDigit(let high):
      guard let low = Hexadecimal.digit(byte), high << 4 | low == sum, !isTooLong else { return end(with: .damaged) }
      return end(with: .packet(payload))
    }
    return nil
  }

  private mutating func takeBetween(_ byte: UInt8) -> RemoteElement? {
    switch byte {
    case UInt8(ascii: "+"): return .acknowledged
    case UInt8(ascii: "-"): return .refused
    case 3: return .interrupt
    case UInt8(ascii: "$"):
      begin()
      return nil
    // Noise between packets means nothing.
    default: return nil
    }
  }

  private mutating func begin() {
    state = .payload
    payload = []
    sum = 0
    isTooLong = false
  }

  private mutating func keep(_ byte: UInt8) {
    if payload.count < Self.maximumPayload { payload.append(byte) } else { isTooLong = true }
  }

  private mutating func end(with element: RemoteElement) -> RemoteElement {
    state = .between
    payload = []
    return element
  }
}

/// Packets that are sent.
enum RemotePacket {
  static let escapeMask: UInt8 = 0x20

  /// The bytes of a packet around a payload.
  static func framed(_ payload: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = [UInt8(ascii: "$")]
    var sum: UInt8 = 0
    func append(_ byte: UInt8) {
      bytes.append(byte)
      sum &+= byte
    }
    for byte in payload {
      // `*` would be read as a run length.
      if [UInt8(ascii: "$"), UInt8(ascii: "#"), UInt8(ascii: "}"), UInt8(ascii: "*")].contains(byte) {
        append(UInt8(ascii: "}"))
        append(byte ^ escapeMask)
      } else {
        append(byte)
      }
    }
    bytes.append(UInt8(ascii: "#"))
    return bytes + Hexadecimal.bytes([sum])
  }
}

/// Numbers and bytes in base 16, as the protocol writes them.
enum Hexadecimal {
  /// The value of a digit; nil for any other character.
  static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }

  /// Two digits for each byte.
  static func bytes(_ bytes: some Sequence<UInt8>) -> [UInt8] {
    let digits = Array("0123456789abcdef".utf8)
    return bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
  }

  /// Two digits for each byte, as text.
  static func text(_ bytes: some Sequence<UInt8>) -> String { String(decoding: self.bytes(bytes), as: UTF8.self) }

  /// A register's eight bytes in the guest's order, little-endian.
  static func register(_ value: UInt64) -> String { text((0..<8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }) }

  /// Bytes from digits; nil for an odd number of them or another character.
  static func decoded(_ text: some Collection<UInt8>) -> [UInt8]? {
    guard text.count % 2 == 0 else { return nil }
    var bytes: [UInt8] = []
    var high: UInt8?
    for character in text {
      guard let digit = digit(character) else { return nil }
      if let first = high {
        bytes.append(first << 4 | digit)
        high = nil
      } else {
        high = digit
      }
    }
    return bytes
  }

  /// A number, most significant digit first; nil when empty, longer than 64 bits or not digits.
  static func number(_ text: some Collection<UInt8>) -> UInt64? {
    guard !text.isEmpty else { return nil }
    var value: UInt64 = 0
    for character in text {
      guard let digit = digit(character), value >> 60 == 0 else { return nil }
      value = value << 4 | UInt64(digit)
    }
    return value
  }
}
