// From keys to lines: what was typed is edited here until a newline or end of file makes it readable.
//
// It knows neither device nor reader. Callers must transmit the echo that `type` asks for.

/// What the terminal has to show for a key.
enum Echo {
  case nothing
  case byte(UInt8)
  /// Rub out so many characters to the left of the cursor.
  case erase(Int)
}

/// A ring of typed bytes: readable lines, then the line being edited.
///
/// The three positions count on without limit; only their differences and low bits matter.
struct LineDiscipline {
  /// Bytes of the ring.
  private static var capacity: UInt32 { 1024 }
  /// Bytes of a line being edited.
  private static var longestLine: UInt32 { 255 }

  private enum Key {
    static var endOfFile: UInt8 { 0x04 }
    static var backspace: UInt8 { 0x08 }
    static var tab: UInt8 { 0x09 }
    static var newline: UInt8 { 0x0A }
    static var carriageReturn: UInt8 { 0x0D }
    static var kill: UInt8 { 0x15 }
    static var space: UInt8 { 0x20 }
    static var delete: UInt8 { 0x7F }
  }

  private var ring = InlineArray<1024, UInt8>(repeating: 0)
  /// The first byte not read.
  private var readPosition: UInt32 = 0
  /// The first byte of the line being edited.
  private var editPosition: UInt32 = 0
  /// Behind the last byte typed.
  private var endPosition: UInt32 = 0

  /// Whether a reader need not wait.
  var hasLine: Bool { readPosition != editPosition }

  /// Takes a key; the result is what the terminal shall show.
  ///
  /// A key for which there is no room, and a control character without a meaning, is dropped.
  mutating func type(_ key: UInt8) -> Echo {
    switch key {
    case Key.newline, Key.carriageReturn:
      guard append(Key.newline) else { return .nothing }
      editPosition = endPosition
      return .byte(Key.newline)
    case Key.endOfFile:
      // Stands in the ring as the end of a line without newline; alone, it is the end of the file.
      if append(Key.endOfFile) { editPosition = endPosition }
      return .nothing
    case Key.backspace, Key.delete:
      return eraseCharacter() ? .erase(1) : .nothing
    case Key.kill:
      var count = 0
      while eraseCharacter() { count += 1 }
      return .erase(count)
    case Key.tab, Key.space...:
      let byte = key == Key.tab ? Key.space : key
      guard endPosition &- editPosition < Self.longestLine, append(byte) else { return .nothing }
      return .byte(byte)
    default:
      return .nothing
    }
  }

  /// The next byte of the first line; nil at an end-of-file mark, which is taken as well.
  mutating func takeByte() -> UInt8? {
    guard hasLine else { return nil }
    let byte = self[readPosition]
    readPosition &+= 1
    return byte == Key.endOfFile ? nil : byte
  }

  /// Drops the end-of-file mark behind a line that its reader has read to the last byte.
  ///
  /// Otherwise the next reader would take it for the end of the file.
  mutating func dropMark() {
    if hasLine, self[readPosition] == Key.endOfFile { readPosition &+= 1 }
  }

  /// Whether `byte` ends a line.
  static func endsLine(_ byte: UInt8) -> Bool { byte == Key.newline }

  private mutating func append(_ byte: UInt8) -> Bool {
    guard endPosition &- readPosition < Self.capacity else { return false }
    self[endPosition] = byte
    endPosition &+= 1
    return true
  }

  /// Takes back the last character of the line being edited, all bytes of its UTF-8 form.
  private mutating func eraseCharacter() -> Bool {
    guard endPosition != editPosition else { return false }
    repeat {
      endPosition &-= 1
    } while endPosition != editPosition && self[endPosition] & 0xC0 == 0x80
    return true
  }

  private subscript(_ position: UInt32) -> UInt8 {
    get { ring[Int(position % Self.capacity)] }
    set { ring[Int(position % Self.capacity)] = newValue }
  }
}
