// What the boot archive has under a name: for those who load from it.
//
// Callers must check where an entry's segments go; that they lie within the archive has been checked here.

import Interfaces

/// The entry of a program, or of a module, and its index; nil when there is none, or a damaged one.
///
/// The name is padded with zeros.
func archiveEntry(_ name: (UInt64, UInt64), isModule: Bool) -> (index: UInt64, entry: ArchiveEntry)? {
  let base = UnsafeRawPointer(archive_base())
  let header = base.loadUnaligned(as: ArchiveHeader.self)
  guard header.magic == ArchiveHeader.expectedMagic, header.count <= 64 else { return nil }
  for index in 0..<Int(header.count) {
    let place = base + ArchiveHeader.stride + index * ArchiveEntry.stride
    let found = place.loadUnaligned(as: (UInt64, UInt64).self)
    guard found.0 == name.0, found.1 == name.1 else { continue }
    let entry = place.loadUnaligned(as: ArchiveEntry.self)
    guard ArchiveFlags(rawValue: entry.rights.flags).contains(.kernelModule) == isModule else { continue }
    guard isInside(entry.text, header.size), isInside(entry.constants, header.size), isInside(entry.data, header.size)
    else { return nil }
    return (UInt64(index), entry)
  }
  return nil
}

private func isInside(_ segment: ArchiveSegment, _ archiveSize: UInt64) -> Bool {
  segment.fileSize <= segment.memorySize && segment.offset <= archiveSize
    && segment.fileSize <= archiveSize &- segment.offset
}
