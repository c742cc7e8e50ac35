// Makes small executables byte by byte, so that tests can break any field of them.

@testable import Machine

/// A program header to be written.
struct ProgramHeader {
  var type: UInt32 = 1
  var flags: UInt32 = 5
  var offset: UInt64 = 0x100
  var address: UInt64 = 0x8000_0000
  var fileSize: UInt64 = 16
  var memorySize: UInt64 = 32
}

/// An executable with the given segments, 16 bytes of contents at offset 0x100, and one function symbol.
func makeELF(_ headers: [ProgramHeader] = [ProgramHeader()]) -> [UInt8] {
  var bytes = [UInt8](repeating: 0, count: 0x300)
  bytes.replaceSubrange(0..<7, with: [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1])
  bytes.replaceLittleEndian(UInt16(2), at: 16)
  bytes.replaceLittleEndian(UInt16(243), at: 18)
  bytes.replaceLittleEndian(UInt64(0x8000_0004), at: 24)
  bytes.replaceLittleEndian(UInt64(64), at: 32)
  bytes.replaceLittleEndian(UInt64(0x180), at: 40)
  for (offset, value) in [(52, 64), (54, 56), (56, headers.count), (58, 64), (60, 4), (62, 3)] {
    bytes.replaceLittleEndian(UInt16(value), at: offset)
  }
  for (index, header) in headers.enumerated() {
    let start = 64 + 56 * index
    bytes.replaceLittleEndian(header.type, at: start)
    bytes.replaceLittleEndian(header.flags, at: start + 4)
    for (field, value) in [
      header.offset, header.address, header.address, header.fileSize, header.memorySize,
    ].enumerated() {
      bytes.replaceLittleEndian(value, at: start + 8 + 8 * field)
    }
  }
  bytes.replaceSubrange(0x100..<0x110, with: 0..<16)
  let strings = Array("\0.text\0.symtab\0.strtab\0main\0".utf8)
  bytes.replaceSubrange(0x110..<0x110 + strings.count, with: strings)
  bytes.replaceLittleEndian(UInt32(23), at: 0x158)
  bytes.replaceSubrange(0x15c..<0x160, with: [0x12, 0, 1, 0])
  bytes.replaceLittleEndian(UInt64(0x8000_0000), at: 0x160)
  bytes.replaceLittleEndian(UInt64(16), at: 0x168)
  writeSection(&bytes, 1, name: 1, type: 1, flags: 6, address: 0x8000_0000, offset: 0x100, size: 16)
  writeSection(&bytes, 2, name: 7, type: 2, offset: 0x140, size: 48, link: 3, entrySize: 24)
  writeSection(&bytes, 3, name: 15, type: 3, offset: 0x110, size: UInt64(strings.count))
  return bytes
}

private func writeSection(
  _ bytes: inout [UInt8], _ index: Int, name: UInt32, type: UInt32, flags: UInt64 = 0, address: UInt64 = 0,
  offset: UInt64, size: UInt64, link: UInt32 = 0, entrySize: UInt64 = 0
) {
  let start = 0x180 + 64 * index
  bytes.replaceLittleEndian(name, at: start)
  bytes.replaceLittleEndian(type, at: start + 4)
  bytes.replaceLittleEndian(flags, at: start + 8)
  bytes.replaceLittleEndian(address, at: start + 16)
  bytes.replaceLittleEndian(offset, at: start + 24)
  bytes.replaceLittleEndian(size, at: start + 32)
  bytes.replaceLittleEndian(link, at: start + 40)
  bytes.replaceLittleEndian(entrySize, at: start + 56)
}
