// Internet addresses as people write them: four numbers with dots between.
//
// There are no names here: nobody could be asked for one.

extension UnsafeBufferPointer where Element == UInt8 {
  /// The address, the first number uppermost; nil for anything else.
  var internetAddress: UInt64? {
    var address: UInt64 = 0
    var start = 0
    for part in 0..<4 {
      var end = start
      while end < count, self[end] != UInt8(ascii: ".") { end += 1 }
      guard let number = self.part(start..<end).decimal, number <= 255 else { return nil }
      address = address << 8 | number
      guard part < 3 else { return end == count ? address : nil }
      guard end < count else { return nil }
      start = end + 1
    }
    return nil
  }
}
