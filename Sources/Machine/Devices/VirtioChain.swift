// Reading and writing the buffers of a virtio request as if they were one piece: a device must not rely on how a driver cut
// them up (virtio 1.2, section 2.7.4).

extension VirtioChain {
  /// The number of bytes the device may read.
  var readableCount: UInt64 { readable.reduce(0) { $0 + UInt64($1.count) } }

  /// The number of bytes the device may write.
  var writableCount: UInt64 { writable.reduce(0) { $0 + UInt64($1.count) } }

  /// Bytes of the device-readable part, or nil if it is shorter than asked for.
  func readableBytes(at offset: UInt64, count: UInt64, in memory: borrowing PhysicalMemory) -> [UInt8]? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Int(count))
    for piece in Self.pieces(of: readable, at: offset, count: count) {
      guard let part = memory.bytes(at: piece.address, count: Int(piece.count)) else { return nil }
      bytes += part
    }
    return bytes.count == count ? bytes : nil
  }

  /// Writes bytes into the device-writable part; what does not fit is dropped.
  func write(_ bytes: [UInt8], at offset: UInt64, in memory: inout PhysicalMemory) {
    var written = 0
    for piece in Self.pieces(of: writable, at: offset, count: UInt64(bytes.count)) {
      let part = bytes[written..<written + Int(piece.count)]
      part.withUnsafeBytes { _ = memory.write(piece.address, from: $0) }
      written += part.count
    }
  }

  /// The parts of the buffers that hold the given range of the whole.
  private static func pieces(of buffers: [VirtioBuffer], at offset: UInt64, count: UInt64) -> [VirtioBuffer] {
    var pieces: [VirtioBuffer] = []
    var skip = offset
    var remaining = count
    for buffer in buffers where remaining > 0 {
      let length = UInt64(buffer.count)
      if skip >= length {
        skip -= length
        continue
      }
      let taken = min(length - skip, remaining)
      pieces.append(VirtioBuffer(address: buffer.address + skip, count: UInt32(taken)))
      remaining -= taken
      skip = 0
    }
    return pieces
  }
}
