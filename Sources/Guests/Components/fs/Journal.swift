// Changes reach the disk all or not at all: each transaction is written to the journal first, then home.
//
// The order: the changed blocks into the journal's slots; the header that names their homes (one sector, so the
// disk has it wholly or not at all: this is the commit); the blocks home; an empty header. A crash before the
// commit leaves the disk as it was; after it, the next mount copies the slots home.
// Where there is no journal (DiskGeometry.hasJournal), the blocks go home at once, and a crash may leave some behind.
// While a commit has failed half-way nothing may be changed, so that its repetition writes the same bytes.

extension FileSystem {
  /// The most blocks one step changes; a step begins with room for them in the journal.
  private static var maximumChanges: Int { 12 }

  /// A step that changes blocks begins: makes sure that the transaction has room for it.
  mutating func beginChange() throws(ErrorCode) {
    guard !isReadOnly else { throw .readOnly }
    if commitPending || cache.dirtyCount + FileSystem.maximumChanges > DiskFormat.journalSlots { try commit() }
    cache.beginStep()
  }

  /// Writes all changes to the disk.
  mutating func commit() throws(ErrorCode) {
    guard cache.dirtyCount > 0 || commitPending else { return }
    commitPending = true
    if geometry.hasJournal { try writeJournal() }
    var next = cache.dirtyBuffer(from: 0)
    while let buffer = next {
      try cache.device.write(buffer.number, from: buffer.bytes)
      next = cache.dirtyBuffer(from: buffer.index + 1)
    }
    if geometry.hasJournal { try writeJournalHeader(slots: 0, checksum: DiskFormat.journalChecksumSeed) }
    cache.markAllClean()
    commitPending = false
  }

  /// Writes the changed blocks into the slots, then their homes: from here on they will get there.
  private mutating func writeJournal() throws(ErrorCode) {
    var slots: UInt32 = 0
    var checksum = DiskFormat.journalChecksumSeed
    var next = cache.dirtyBuffer(from: 0)
    while let buffer = next {
      try cache.device.write(geometry.journalHeader + 1 + slots, from: buffer.bytes)
      setJournalTarget(slots, buffer.number)
      checksum = DiskFormat.journalChecksum(checksum, adding: buffer.number)
      slots += 1
      next = cache.dirtyBuffer(from: buffer.index + 1)
    }
    try writeJournalHeader(slots: slots, checksum: checksum)
  }

  /// Completes a commit that a crash interrupted.
  ///
  /// Nothing may be in the cache yet; `scratch` is a page of device memory.
  mutating func replayJournal(scratch: UnsafeMutableRawPointer) throws(ErrorCode) {
    guard geometry.hasJournal else { return }
    try cache.device.readFirstSector(geometry.journalHeader, into: journalSector)
    guard journalSector.load(as: UInt32.self) == DiskFormat.journalMagic else { throw .inputOutput }
    let slots = journalSector.load(fromByteOffset: DiskFormat.journalCountOffset, as: UInt32.self)
    guard slots > 0 else { return }
    guard slots <= UInt32(DiskFormat.journalSlots), !isReadOnly else { throw .inputOutput }
    var checksum = DiskFormat.journalChecksumSeed
    var slot: UInt32 = 0
    while slot < slots {
      let target = journalTarget(slot)
      guard target < geometry.journalHeader || (target >= geometry.dataStart && target < geometry.blockCount) else {
        throw .inputOutput
      }
      checksum = DiskFormat.journalChecksum(checksum, adding: target)
      slot += 1
    }
    guard checksum == journalSector.load(fromByteOffset: DiskFormat.journalChecksumOffset, as: UInt32.self) else {
      throw .inputOutput
    }
    slot = 0
    while slot < slots {
      try cache.device.read(geometry.journalHeader + 1 + slot, into: scratch)
      try cache.device.write(journalTarget(slot), from: scratch)
      slot += 1
    }
    try writeJournalHeader(slots: 0, checksum: DiskFormat.journalChecksumSeed)
  }

  private mutating func writeJournalHeader(slots: UInt32, checksum: UInt32) throws(ErrorCode) {
    journalSector.storeBytes(of: DiskFormat.journalMagic, as: UInt32.self)
    journalSector.storeBytes(of: slots, toByteOffset: DiskFormat.journalCountOffset, as: UInt32.self)
    journalSector.storeBytes(of: checksum, toByteOffset: DiskFormat.journalChecksumOffset, as: UInt32.self)
    try cache.device.writeFirstSector(geometry.journalHeader, from: journalSector)
  }

  private func journalTarget(_ slot: UInt32) -> UInt32 {
    journalSector.load(fromByteOffset: DiskFormat.journalTargetsOffset + Int(slot) * 4, as: UInt32.self)
  }

  private func setJournalTarget(_ slot: UInt32, _ number: UInt32) {
    journalSector.storeBytes(
      of: number, toByteOffset: DiskFormat.journalTargetsOffset + Int(slot) * 4, as: UInt32.self)
  }
}
