// Decoded instructions of pages of RAM, kept until their bytes change. Keyed by physical page, so address spaces share
// them and switching between those costs nothing. Callers must drop a page when `PhysicalMemory` reports it stale, and
// must not keep addresses of pages over `removeAll`.

/// The decoded instructions of one page of RAM.
struct DecodedPage {
  static let slotCount = 2048
  static let firstCapacity = 128

  /// The operations, in the order of decoding; index 0 is unused.
  var operations: UnsafeMutablePointer<Operation>
  var count: Int
  var capacity: Int
  /// Which page of RAM this is.
  let number: Int
  /// For each halfword of the page, the index of the operation of the instruction that starts there; 0 if none yet.
  let slots: UnsafeMutablePointer<UInt16>
}

/// The decoded pages of a machine.
///
/// Unsafe inside, because the run loop follows pointers into it. `table` has one place for each page of RAM and is only
/// indexed by page numbers of addresses that were found to lie in RAM; a page's `slots` has one place for each halfword
/// and is only indexed by page offsets; indices of operations come from `slots` or `link` and were below `count` when
/// written, and operations move only while the run loop is outside a run.
struct DecodedCode: ~Copyable {
  private let table: UnsafeMutablePointer<UnsafeMutablePointer<DecodedPage>?>
  private var pages: [Int] = []
  /// Addresses at which decoding inserts a probe, by their offset in the page in halfwords.
  private var probedSlots: [Bool]?
  /// The number of the register whose writers go to the reference path; nil for none.
  var watchedDestination: Int?

  /// The most pages kept: 16 MiB of guest code.
  static let pageLimit = 4096
  static let runLimit = 64

  init(pageCount: Int) {
    table = .allocate(capacity: max(pageCount, 1))
    table.initialize(repeating: nil, count: max(pageCount, 1))
  }

  deinit {
    for page in pages { Self.release(table[page]) }
    table.deallocate()
  }

  /// True if so many pages are decoded that the caller should call `removeAll` before the next one.
  var isFull: Bool { pages.count >= Self.pageLimit }

  /// The decoded code of a page, empty at first.
  mutating func page(_ page: Int) -> UnsafeMutablePointer<DecodedPage> {
    if let present = table[page] { return present }
    let slots = UnsafeMutablePointer<UInt16>.allocate(capacity: DecodedPage.slotCount)
    slots.initialize(repeating: 0, count: DecodedPage.slotCount)
    let fresh = UnsafeMutablePointer<DecodedPage>.allocate(capacity: 1)
    fresh.initialize(
      to: DecodedPage(
        operations: .allocate(capacity: DecodedPage.firstCapacity), count: 1, capacity: DecodedPage.firstCapacity,
        number: page, slots: slots))
    table[page] = fresh
    pages.append(page)
    return fresh
  }

  /// Forgets the instructions of a page but keeps its memory, which the run loop may be reading.
  mutating func drop(page: Int) {
    guard let decoded = table[page] else { return }
    decoded.pointee.slots.update(repeating: 0, count: DecodedPage.slotCount)
    decoded.pointee.count = 1
  }

  /// Forgets all pages and frees their memory.
  mutating func removeAll(memory: inout PhysicalMemory) {
    for page in pages {
      memory.clearCodeMarks(page: page)
      Self.release(table[page])
      table[page] = nil
    }
    pages = []
  }

  /// Sets the virtual addresses at which decoding inserts probes; the caller then drops all code.
  mutating func setProbes(_ addresses: some Sequence<UInt64>) {
    var slots = [Bool](repeating: false, count: DecodedPage.slotCount)
    var isUsed = false
    for address in addresses {
      slots[Int(address & 0xfff) / 2] = true
      isUsed = true
    }
    probedSlots = isUsed ? slots : nil
  }

  private static func release(_ page: UnsafeMutablePointer<DecodedPage>?) {
    guard let page else { return }
    page.pointee.operations.deallocate()
    page.pointee.slots.deallocate()
    page.deallocate()
  }

  // MARK: Decoding

  /// Decodes a run of instructions that starts at an offset of a page where nothing is decoded yet.
  ///
  /// The run goes on over branches not taken and ends at a jump, at the end of the page, at code that is decoded
  /// already, or after `runLimit` instructions.
  mutating func decodeRun(
    offset start: Int, into page: UnsafeMutablePointer<DecodedPage>, memory: inout PhysicalMemory
  ) {
    let number = page.pointee.number
    let bytes = memory.readPointer(page: number)
    var offset = start
    let first = page.pointee.count
    var instructions = 0
    while true {
      if offset >= 0x1000 || page.pointee.slots[offset / 2] != 0 || instructions == Self.runLimit {
        Self.append(Self.proceed(offset: offset), to: page)
        break
      }
      var (operation, ends) = Self.instruction(bytes, offset: offset)
      if let watchedDestination, operation.code != .fetch,
        let slow = Self.slowWriter(bytes, operation, of: watchedDestination)
      {
        // The reference path may come back to the next instruction even from a jump.
        (operation, ends) = (slow, false)
      }
      if probedSlots?[offset / 2] == true { Self.append(Self.probe(offset: offset), to: page) }
      page.pointee.slots[offset / 2] = UInt16(page.pointee.count - (probedSlots?[offset / 2] == true ? 1 : 0))
      Self.append(operation, to: page)
      instructions += 1
      offset += Int(operation.length)
      if ends { break }
    }
    countRemaining(page, from: first)
    memory.noteDecoded(page: number, offset: start, count: min(offset, 0x1000) - start)
  }

  /// The operation for the instruction at an offset, and whether a run ends with it.
  private static func instruction(_ bytes: UnsafeRawPointer, offset: Int) -> (Operation, Bool) {
    let parcel = UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
    let position = UInt16(offset)
    if parcel & 3 == 3 {
      guard offset + 4 <= 0x1000 else { return (fetch(offset: position), true) }
      let word = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
      return (Decoder.decode(word, offset: position, length: 4), Decoder.endsRun(word))
    }
    guard let word = CompressedInstruction.expand(parcel) else { return (fetch(offset: position), true) }
    return (Decoder.decode(word, offset: position, length: 2), Decoder.endsRun(word))
  }

  /// The same instruction for the reference path if it may write the register with a number; nil if it does not.
  ///
  /// Integer and floating-point registers are not told apart: some instructions on either are done in vain.
  private static func slowWriter(_ bytes: UnsafeRawPointer, _ operation: Operation, of number: Int) -> Operation? {
    let offset = Int(operation.offset)
    var word = UInt32(UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self)))
    if operation.length == 4 {
      word = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    } else if let expanded = CompressedInstruction.expand(UInt16(truncatingIfNeeded: word)) {
      word = expanded
    }
    guard word.rd == number else { return nil }
    switch word.majorOpcode {
    // Stores and branches have no destination.
    case 0x23, 0x27, 0x63: return nil
    default: return Decoder.Fields(word: word, offset: operation.offset, length: operation.length).slow
    }
  }

  private static func fetch(offset: UInt16) -> Operation {
    Operation(code: .fetch, a: 0, b: 0, c: 0, immediate: 0, offset: offset, remaining: 1, length: 2, link: -1)
  }

  private static func proceed(offset: Int) -> Operation {
    Operation(
      code: .proceed, a: 0, b: 0, c: 0, immediate: 0, offset: UInt16(offset), remaining: 0, length: 0, link: -1)
  }

  private static func probe(offset: Int) -> Operation {
    Operation(
      code: .probe, a: 0, b: 0, c: 0, immediate: 0, offset: UInt16(offset), remaining: 0, length: 0, link: -1)
  }

  private static func append(_ operation: Operation, to page: UnsafeMutablePointer<DecodedPage>) {
    if page.pointee.count == page.pointee.capacity {
      let capacity = page.pointee.capacity * 2
      let grown = UnsafeMutablePointer<Operation>.allocate(capacity: capacity)
      grown.moveInitialize(from: page.pointee.operations, count: page.pointee.count)
      page.pointee.operations.deallocate()
      page.pointee.operations = grown
      page.pointee.capacity = capacity
    }
    (page.pointee.operations + page.pointee.count).initialize(to: operation)
    page.pointee.count += 1
  }

  private func countRemaining(_ page: UnsafeMutablePointer<DecodedPage>, from first: Int) {
    var remaining: UInt8 = 0
    for index in stride(from: page.pointee.count - 1, through: first, by: -1) {
      let operation = page.pointee.operations + index
      if operation.pointee.code != .proceed && operation.pointee.code != .probe { remaining += 1 }
      operation.pointee.remaining = remaining
    }
  }
}
