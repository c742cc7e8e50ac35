// Text for descriptor 1, written a line at a time.
//
// Callers must flush what does not end with a newline, and must not write to the descriptor by other means while
// something is buffered.

import Interfaces

/// Writes `count` bytes, however many calls that takes; 0 or a negated error.
func writeAll(_ descriptor: UInt64, _ bytes: UnsafeRawPointer, count: Int) -> Int64 {
  var written = 0
  while written < count {
    let result = sys_write(descriptor, bytes + written, UInt64(count - written))
    guard result >= 0 else { return result }
    guard result > 0, result <= count - written else { return ErrorCode.inputOutput.result }
    written += Int(result)
  }
  return 0
}

/// A buffer in front of descriptor 1.
struct TextOutput: ~Copyable {
  private static var capacity: Int { 128 }

  private var buffer = InlineArray<128, UInt8>(repeating: 0)
  private var count = 0
  /// The first error that writing met, negated; 0 while there was none.
  private(set) var failure: Int64 = 0

  /// Whether a line was begun that still waits in the buffer.
  var hasPartialLine: Bool { count > 0 }

  mutating func write(_ text: StaticString) { write(text.bytes) }

  mutating func write(_ bytes: Bytes) {
    for byte in bytes { write(byte) }
  }

  mutating func write(_ byte: UInt8) {
    buffer[count] = byte
    count += 1
    if count == Self.capacity || byte == UInt8(ascii: "\n") { flush() }
  }

  /// A number in decimal, right-aligned in `width` columns.
  mutating func write(_ number: UInt64, width: Int = 0) {
    var digits = InlineArray<20, UInt8>(repeating: 0)
    var length = 0
    var rest = number
    repeat {
      digits[length] = UInt8(ascii: "0") + UInt8(rest % 10)
      length += 1
      rest /= 10
    } while rest != 0
    pad(width - length)
    while length > 0 {
      length -= 1
      write(digits[length])
    }
  }

  mutating func write(_ number: Int64) {
    if number < 0 { write(UInt8(ascii: "-")) }
    write(number.magnitude)
  }

  /// An Internet address, four numbers with dots between.
  mutating func write(address: UInt64) {
    var shift: UInt64 = 32
    while shift > 0 {
      shift -= 8
      write(address >> shift & 255)
      if shift > 0 { write(UInt8(ascii: ".")) }
    }
  }

  /// So many spaces; none for a negative count.
  mutating func pad(_ columns: Int) {
    var column = 0
    while column < columns {
      write(UInt8(ascii: " "))
      column += 1
    }
  }

  /// Writes what is buffered.
  mutating func flush() {
    guard count > 0 else { return }
    let length = count
    count = 0
    let result = writeAll(1, &buffer, count: length)
    if result < 0, failure == 0 { failure = result }
  }
}
