// Loads, stores and fetches of the hart: translation, protection, then RAM or a device. The run loop answers most
// accesses from the software TLB, which is filled here; everything else, and the reference path always, comes here.

extension Machine {
  // MARK: Loads and stores

  /// Loads `size` bytes (1, 2, 4 or 8) as an unsigned number; misaligned addresses are fine in RAM.
  mutating func load(_ address: UInt64, size: Int) throws(Trap) -> UInt64 {
    let privilege = hart.dataPrivilege
    let inPage = address & 0xfff
    if inPage + UInt64(size) > 0x1000 {
      return try loadAcrossPages(address, size: size, privilege: privilege)
    }
    let translation = try translate(address, .read, privilege: privilege)
    let physical = translation.physicalAddress
    guard protection.allows(.read, at: physical, count: UInt64(size), privilege: privilege) else {
      throw Trap(cause: .loadAccessFault, value: address)
    }
    guard ram.contains(physical, count: UInt64(size)) else {
      return try loadFromDevice(physical, size: size, address: address)
    }
    if protection.isUniform(page: physical & ~0xfff) {
      let host = ram.readPointer(page: pageNumber(physical))
      softwareTLB.insert(
        table: 0, page: address >> 12, key: softwareTLB.dataKey,
        value: UInt64(UInt(bitPattern: host)) &- (address & ~0xfff), owner: translation.place)
    }
    return readMemory(physical, size: size)
  }

  /// Stores the low `size` bytes (1, 2, 4 or 8) of a value; misaligned addresses are fine in RAM.
  mutating func store(_ address: UInt64, size: Int, value: UInt64) throws(Trap) {
    let privilege = hart.dataPrivilege
    let inPage = address & 0xfff
    if inPage + UInt64(size) > 0x1000 {
      return try storeAcrossPages(address, size: size, value: value, privilege: privilege)
    }
    let translation = try translate(address, .write, privilege: privilege)
    let physical = translation.physicalAddress
    guard protection.allows(.write, at: physical, count: UInt64(size), privilege: privilege) else {
      throw Trap(cause: .storeAccessFault, value: address)
    }
    guard ram.contains(physical, count: UInt64(size)) else {
      return try storeToDevice(physical, size: size, value: value, address: address)
    }
    writeMemory(physical, size: size, value: value)
    let page = pageNumber(physical)
    if !ram.notesWrites(page: page) && !board.observesStores(toPageOf: physical)
      && protection.isUniform(page: physical & ~0xfff)
    {
      let host = ram.writePointer(page: page)
      softwareTLB.insert(
        table: SoftwareTLB.storeTable, page: address >> 12, key: softwareTLB.dataKey,
        value: UInt64(UInt(bitPattern: host)) &- (address & ~0xfff), owner: translation.place)
    }
  }

  private mutating func loadAcrossPages(
    _ address: UInt64, size: Int, privilege: Privilege
  ) throws(Trap) -> UInt64 {
    let parts = try translateParts(address, size: size, .read, privilege: privilege)
    let low = readBytes(parts.first, count: parts.firstCount)
    let high = readBytes(parts.second, count: size - parts.firstCount)
    return low | high << UInt64(8 * parts.firstCount)
  }

  private mutating func storeAcrossPages(
    _ address: UInt64, size: Int, value: UInt64, privilege: Privilege
  ) throws(Trap) {
    let parts = try translateParts(address, size: size, .write, privilege: privilege)
    for byte in 0..<size {
      let physical =
        byte < parts.firstCount
        ? parts.first + UInt64(byte) : parts.second + UInt64(byte - parts.firstCount)
      writeMemory(physical, size: 1, value: value >> UInt64(8 * byte))
    }
  }

  /// Translates both halves of an access that crosses a page before anything is read or written.
  private mutating func translateParts(
    _ address: UInt64, size: Int, _ access: Access, privilege: Privilege
  ) throws(Trap) -> (first: UInt64, firstCount: Int, second: UInt64) {
    let firstCount = Int(0x1000 - address & 0xfff)
    let secondAddress = (address | 0xfff) &+ 1
    let first = try translate(address, access, privilege: privilege).physicalAddress
    let second = try translate(secondAddress, access, privilege: privilege).physicalAddress
    let secondCount = UInt64(size - firstCount)
    guard ram.contains(first, count: UInt64(firstCount)),
      protection.allows(access, at: first, count: UInt64(firstCount), privilege: privilege)
    else { throw Trap(cause: access.accessFault, value: address) }
    guard ram.contains(second, count: secondCount),
      protection.allows(access, at: second, count: secondCount, privilege: privilege)
    else { throw Trap(cause: access.accessFault, value: secondAddress) }
    return (first, firstCount, second)
  }

  /// Translates an aligned access of an atomic instruction, which only RAM supports.
  mutating func atomicAddress(_ address: UInt64, size: Int, _ access: Access) throws(Trap) -> UInt64 {
    guard address & UInt64(size - 1) == 0 else {
      throw Trap(cause: access == .read ? .loadAddressMisaligned : .storeAddressMisaligned, value: address)
    }
    let privilege = hart.dataPrivilege
    let physical = try translate(address, access, privilege: privilege).physicalAddress
    guard ram.contains(physical, count: UInt64(size)),
      protection.allows(access, at: physical, count: UInt64(size), privilege: privilege)
    else { throw Trap(cause: access.accessFault, value: address) }
    return physical
  }

  // MARK: Fetches

  /// Fetches the 16 bits at an address.
  mutating func fetchParcel(_ address: UInt64) throws(Trap) -> UInt16 {
    let physical = try translate(address, .execute, privilege: hart.privilege).physicalAddress
    guard protection.allows(.execute, at: physical, count: 2, privilege: hart.privilege),
      let parcel = ram.load(UInt16.self, at: physical)
    else { throw Trap(cause: .instructionAccessFault, value: address) }
    return parcel
  }

  /// Translates the page of `pc` for the run loop.
  ///
  /// - Returns: the page's number in RAM and the place in the TLB, or nil if instructions of this page must be fetched
  ///   one at a time because protection differs within it.
  mutating func fetchPage(_ address: UInt64) throws(Trap) -> (page: Int, place: Int?)? {
    let translation = try translate(address, .execute, privilege: hart.privilege)
    let physical = translation.physicalAddress
    guard ram.contains(physical, count: 2), protection.isUniform(page: physical & ~0xfff),
      protection.allows(.execute, at: physical, count: 2, privilege: hart.privilege)
    else { return nil }
    return (pageNumber(physical), translation.place)
  }

  // MARK: Physical memory

  func pageNumber(_ physical: UInt64) -> Int { Int((physical - ram.base) >> 12) }

  /// Reads RAM at an address that is known to lie in it.
  func readMemory(_ physical: UInt64, size: Int) -> UInt64 {
    switch size {
    case 1: UInt64(ram.load(UInt8.self, at: physical) ?? 0)
    case 2: UInt64(ram.load(UInt16.self, at: physical) ?? 0)
    case 4: UInt64(ram.load(UInt32.self, at: physical) ?? 0)
    default: ram.load(UInt64.self, at: physical) ?? 0
    }
  }

  private func readBytes(_ physical: UInt64, count: Int) -> UInt64 {
    (0..<count).reduce(0) { $0 | readMemory(physical + UInt64($1), size: 1) << UInt64(8 * $1) }
  }

  /// Writes RAM at an address that is known to lie in it.
  mutating func writeMemory(_ physical: UInt64, size: Int, value: UInt64) {
    switch size {
    case 1: _ = ram.store(UInt8(truncatingIfNeeded: value), at: physical)
    case 2: _ = ram.store(UInt16(truncatingIfNeeded: value), at: physical)
    case 4: _ = ram.store(UInt32(truncatingIfNeeded: value), at: physical)
    default: _ = ram.store(value, at: physical)
    }
    memoryChanged(by: .instruction)
    if board.observesStores(toPageOf: physical) {
      board.storedToMemory(physical, size: size, memory: &ram)
      deviceTouched()
    }
  }

  /// Drops what was derived from pages that have since moved or whose code was overwritten, and notes watched writes.
  @inline(__always)
  mutating func memoryChanged(by writer: MemoryWriter) {
    if ram.pageMoves != seenPageMoves { pagesMoved() }
    if !ram.pagesWithStaleCode.isEmpty { dropStaleCode() }
    if !ram.watchedWrites.isEmpty { noteWatchedWrites(by: writer) }
  }

  @inline(never)
  private mutating func noteWatchedWrites(by writer: MemoryWriter) {
    for write in ram.takeWatchedWrites() where observed.contains(.watchedWrites) {
      record(.watchedWrite(address: write.lowerBound, count: write.count, pc: hart.pc, by: writer))
    }
  }

  @inline(never)
  private mutating func pagesMoved() {
    seenPageMoves = ram.pageMoves
    softwareTLB.flush()
    enterContext()
  }

  @inline(never)
  private mutating func dropStaleCode() {
    for page in ram.takePagesWithStaleCode() { decodedCode.drop(page: page) }
    softwareTLB.invalidateEpoch()
  }

  // MARK: Devices

  private mutating func loadFromDevice(_ physical: UInt64, size: Int, address: UInt64) throws(Trap) -> UInt64 {
    let answer = board.load(physical, size: size, now: time, memory: &ram)
    deviceTouched()
    guard let value = answer else { throw Trap(cause: .loadAccessFault, value: address) }
    counts.mmioAccesses &+= 1
    if observed.contains(.mmio) {
      record(.deviceAccess(address: physical, size: size, value: value, isWrite: false))
    }
    return value
  }

  private mutating func storeToDevice(
    _ physical: UInt64, size: Int, value: UInt64, address: UInt64
  ) throws(Trap) {
    let truncated = size == 8 ? value : value & (1 << UInt64(8 * size) - 1)
    let accepted = board.store(physical, size: size, value: truncated, now: time, memory: &ram)
    deviceTouched()
    guard accepted else { throw Trap(cause: .storeAccessFault, value: address) }
    counts.mmioAccesses &+= 1
    if observed.contains(.mmio) {
      record(.deviceAccess(address: physical, size: size, value: truncated, isWrite: true))
    }
  }
}
