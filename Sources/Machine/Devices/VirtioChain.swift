// Reading and writing the buffers of a virtio request as if they were one piece: a device must not rely on how a driver cut
// them up (virtio 1.2, section 2.7.4).

extension VirtioChain {
  /// The number of bytes the device may read.
  var readableCount: UInt64 { readable.reduce(0) { $0 + UInt64($1.count) } }

  /// The number of bytes the device may write.
  var writableCount: UInt64 { writable.reduce(0) { $0 + UInt64($1.count) } }

  /// Bytes of the device-readable part, or nil if it is shorter than asked for or cannot be reached.
  func readableBytes(at offset: UInt64, count: UInt64, in memory: inout DeviceMemory) -> [UInt8]? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Int(count))
    for piece in Self.pieces(of: readable, at: offset, count: count) {
      guard let part = memory.bytes(at: piece.address, count: Int(piece.count)) else { return nil }
      bytes += part
    }
    return bytes.count == count ? bytes : nil
  }

  /// Writes bytes into the device-writable part.
  ///
  /// - Returns: False if not all of them fit or can be written; then some may have been.
  func write(_ bytes: [UInt8], at offset: UInt64, in memory: inout DeviceMemory) -> Bool {
    var written = 0
    for piece in Self.pieces(of: writable, at: offset, count: UInt64(bytes.count)) {
      let part = bytes[written..<written + Int(piece.count)]
      guard memory.write(part, at: piece.address) else { return false }
      written += part.count
    }
    return written == bytes.count
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

extension VirtioChain {
  /// Feeds every word that describes the request, in a fixed order.
  func forEachStateWord(_ body: (UInt64) -> Void) {
    body(UInt64(head))
    for buffers in [readable, writable] {
      body(UInt64(buffers.count))
      for buffer in buffers {
        body(buffer.address)
        body(UInt64(buffer.count))
      }
    }
  }
}
