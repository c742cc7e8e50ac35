// A disk image as bytes with little-endian fields.
//
// Offsets must lie in the image: who reads an image of unknown origin checks its size and its numbers first.

import GuestABI

/// An image, addressed by byte offset.
struct DiskBytes: Sendable {
  var bytes: [UInt8]

  func word16(_ offset: Int) -> UInt16 { UInt16(bytes[offset]) | UInt16(bytes[offset + 1]) << 8 }

  func word32(_ offset: Int) -> UInt32 { UInt32(word16(offset)) | UInt32(word16(offset + 2)) << 16 }

  func word64(_ offset: Int) -> UInt64 { UInt64(word32(offset)) | UInt64(word32(offset + 4)) << 32 }

  mutating func set16(_ offset: Int, _ value: UInt16) {
    bytes[offset] = UInt8(truncatingIfNeeded: value)
    bytes[offset + 1] = UInt8(truncatingIfNeeded: value >> 8)
  }

  mutating func set32(_ offset: Int, _ value: UInt32) {
    set16(offset, UInt16(truncatingIfNeeded: value))
    set16(offset + 2, UInt16(truncatingIfNeeded: value >> 16))
  }

  mutating func set64(_ offset: Int, _ value: UInt64) {
    set32(offset, UInt32(truncatingIfNeeded: value))
    set32(offset + 4, UInt32(truncatingIfNeeded: value >> 32))
  }

  /// Bit `number` of a bitmap that begins at block `start`.
  func bit(_ number: UInt32, ofBitmapAt start: UInt32) -> Bool {
    bytes[DiskBytes.offset(ofBlock: start) + Int(number) / 8] & 1 << UInt8(number % 8) != 0
  }

  mutating func setBit(_ number: UInt32, ofBitmapAt start: UInt32) {
    bytes[DiskBytes.offset(ofBlock: start) + Int(number) / 8] |= 1 << UInt8(number % 8)
  }

  static func offset(ofBlock number: UInt32) -> Int { Int(number) * DiskFormat.blockSize }
}

extension DiskGeometry {
  /// Where inode `number` is, in bytes from the start of the image.
  func offset(ofInode number: UInt32) -> Int {
    DiskBytes.offset(ofBlock: inodeTableStart) + Int(number) * DiskFormat.inodeSize
  }

  /// Whether block `number` may belong to a file or directory.
  func holdsData(_ number: UInt32) -> Bool { number >= dataStart && number < blockCount }
}
