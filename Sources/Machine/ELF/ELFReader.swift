// The structures of an ELF-64 file, read with every offset checked. Internal to the ELF reader: use `ELFFile`.

/// Reads the structures of one file.
struct ELFReader {
  struct Header {
    let entry: UInt64
    let programHeaders: Table
    let sectionHeaders: Table
    let sectionNameIndex: Int
  }

  struct Table {
    let offset: UInt64
    let entrySize: UInt16
    let count: UInt16
  }

  struct SectionHeader {
    let name: UInt32
    let type: UInt32
    let flags: UInt64
    let address: UInt64
    let offset: UInt64
    let size: UInt64
    let link: UInt32
    let entrySize: UInt64
  }

  private enum Size {
    static let header = 64
    static let programHeader = 56
    static let sectionHeader = 64
    static let symbol = 24
  }

  private static let machineRISCV: UInt16 = 243
  private static let typeExecutable: UInt16 = 2
  private static let segmentLoad: UInt32 = 1
  private static let sectionSymbolTable: UInt32 = 2
  private static let sectionNoContents: UInt32 = 8
  private static let sectionFlagWrite: UInt64 = 1
  private static let sectionFlagAllocate: UInt64 = 2
  private static let sectionFlagExecute: UInt64 = 4

  let bytes: [UInt8]

  func header() throws(ELFError) -> Header {
    guard bytes.starts(with: [0x7f, 0x45, 0x4c, 0x46]) else { throw .notELF }
    try check("the ELF header", offset: 0, count: UInt64(Size.header))
    guard bytes[4] == 2 else { throw .wrongClass(bytes[4]) }
    guard bytes[5] == 1 else { throw .wrongByteOrder(bytes[5]) }
    let machine = bytes.littleEndian(UInt16.self, at: 18)
    guard machine == Self.machineRISCV else { throw .wrongMachine(machine) }
    let type = bytes.littleEndian(UInt16.self, at: 16)
    guard type == Self.typeExecutable else { throw .notExecutable(type: type) }
    return Header(
      entry: bytes.littleEndian(UInt64.self, at: 24),
      programHeaders: Table(
        offset: bytes.littleEndian(UInt64.self, at: 32), entrySize: bytes.littleEndian(UInt16.self, at: 54),
        count: bytes.littleEndian(UInt16.self, at: 56)),
      sectionHeaders: Table(
        offset: bytes.littleEndian(UInt64.self, at: 40), entrySize: bytes.littleEndian(UInt16.self, at: 58),
        count: bytes.littleEndian(UInt16.self, at: 60)),
      sectionNameIndex: Int(bytes.littleEndian(UInt16.self, at: 62)))
  }

  func segments(_ header: Header) throws(ELFError) -> [ELFFile.Segment] {
    var segments: [(index: Int, segment: ELFFile.Segment)] = []
    let table = try entries(of: header.programHeaders, "the program header table", entrySize: Size.programHeader)
    for (index, start) in table.enumerated()
    where bytes.littleEndian(UInt32.self, at: start) == Self.segmentLoad {
      let fileSize = bytes.littleEndian(UInt64.self, at: start + 32)
      let memorySize = bytes.littleEndian(UInt64.self, at: start + 40)
      guard memorySize > 0 else { continue }
      guard fileSize <= memorySize else { throw .segmentLargerThanMemory(index: index) }
      let fileRange = try range(
        "segment \(index)", offset: bytes.littleEndian(UInt64.self, at: start + 8), count: fileSize)
      let segment = ELFFile.Segment(
        address: bytes.littleEndian(UInt64.self, at: start + 24),
        virtualAddress: bytes.littleEndian(UInt64.self, at: start + 16), fileRange: fileRange, memorySize: memorySize,
        permissions: ELFFile.Permissions(rawValue: bytes.littleEndian(UInt32.self, at: start + 4) & 7))
      for address in [segment.address, segment.virtualAddress]
      where address.addingReportingOverflow(memorySize - 1).overflow {
        throw .segmentWraps(index: index)
      }
      segments.append((index, segment))
    }
    guard !segments.isEmpty else { throw .nothingToLoad }
    let ascending = segments.sorted { $0.segment.address < $1.segment.address }
    for (lower, upper) in zip(ascending, ascending.dropFirst())
    where upper.segment.address - lower.segment.address < lower.segment.memorySize {
      throw .segmentsOverlap(min(lower.index, upper.index), max(lower.index, upper.index))
    }
    return segments.map(\.segment)
  }

  func sectionHeaders(_ header: Header) throws(ELFError) -> [SectionHeader] {
    let table = try entries(of: header.sectionHeaders, "the section header table", entrySize: Size.sectionHeader)
    return table.map { start in
      SectionHeader(
        name: bytes.littleEndian(UInt32.self, at: start), type: bytes.littleEndian(UInt32.self, at: start + 4),
        flags: bytes.littleEndian(UInt64.self, at: start + 8), address: bytes.littleEndian(UInt64.self, at: start + 16),
        offset: bytes.littleEndian(UInt64.self, at: start + 24), size: bytes.littleEndian(UInt64.self, at: start + 32),
        link: bytes.littleEndian(UInt32.self, at: start + 40),
        entrySize: bytes.littleEndian(UInt64.self, at: start + 56))
    }
  }

  func sections(_ headers: [SectionHeader], _ header: Header) throws(ELFError) -> [ELFFile.Section] {
    var names = 0..<0
    if header.sectionNameIndex < headers.count { names = try contents(of: headers[header.sectionNameIndex]) }
    var sections: [ELFFile.Section] = []
    // The first header is a placeholder and describes no section.
    for section in headers.dropFirst() {
      sections.append(
        ELFFile.Section(
          name: text(at: section.name, in: names), address: section.address, fileRange: try contents(of: section),
          size: section.size, isLoaded: section.flags & Self.sectionFlagAllocate != 0,
          isExecutable: section.flags & Self.sectionFlagExecute != 0,
          isWritable: section.flags & Self.sectionFlagWrite != 0))
    }
    return sections
  }

  func symbols(_ headers: [SectionHeader]) throws(ELFError) -> [Symbol] {
    var symbols: [Symbol] = []
    for table in headers where table.type == Self.sectionSymbolTable {
      let entries = try contents(of: table)
      var names = 0..<0
      if Int(table.link) < headers.count { names = try contents(of: headers[Int(table.link)]) }
      guard table.entrySize >= UInt64(Size.symbol) else {
        throw .entryTooSmall(
          structure: "the symbol table", size: UInt16(truncatingIfNeeded: table.entrySize), expected: Size.symbol)
      }
      for start in stride(from: entries.lowerBound, through: entries.upperBound - Size.symbol, by: Size.symbol) {
        let sectionIndex = bytes.littleEndian(UInt16.self, at: start + 6)
        let info = bytes[start + 4]
        // Section index 0 marks a symbol that is only referred to.
        guard sectionIndex != 0, let kind = Symbol.Kind(elfType: info & 0xf) else { continue }
        let name = text(at: bytes.littleEndian(UInt32.self, at: start), in: names)
        // Mapping symbols such as `$x` mark code and data for disassemblers and name nothing.
        guard !name.isEmpty, !name.hasPrefix("$") || kind != .other else { continue }
        symbols.append(
          Symbol(
            name: name, address: bytes.littleEndian(UInt64.self, at: start + 8),
            size: bytes.littleEndian(UInt64.self, at: start + 16), kind: kind, isGlobal: info >> 4 != 0))
      }
    }
    return symbols
  }

  private func entries(of table: Table, _ structure: String, entrySize: Int) throws(ELFError) -> [Int] {
    guard table.count > 0, table.offset > 0 else { return [] }
    guard Int(table.entrySize) >= entrySize else {
      throw .entryTooSmall(structure: structure, size: table.entrySize, expected: entrySize)
    }
    let range = try range(structure, offset: table.offset, count: UInt64(table.entrySize) * UInt64(table.count))
    return Array(stride(from: range.lowerBound, to: range.upperBound, by: Int(table.entrySize)))
  }

  private func contents(of section: SectionHeader) throws(ELFError) -> Range<Int> {
    if section.type == Self.sectionNoContents || section.type == 0 { return 0..<0 }
    return try range("a section", offset: section.offset, count: section.size)
  }

  private func range(_ structure: String, offset: UInt64, count: UInt64) throws(ELFError) -> Range<Int> {
    try check(structure, offset: offset, count: count)
    return Int(offset)..<Int(offset + count)
  }

  private func check(_ structure: String, offset: UInt64, count: UInt64) throws(ELFError) {
    let size = UInt64(bytes.count)
    guard offset <= size, count <= size - offset else {
      throw .truncated(structure: structure, offset: offset, count: count, fileSize: bytes.count)
    }
  }

  /// A zero-terminated string within a string table; empty if the offset is outside.
  private func text(at offset: UInt32, in table: Range<Int>) -> String {
    guard Int(offset) < table.count else { return "" }
    let tail = bytes[(table.lowerBound + Int(offset))..<table.upperBound]
    return String(decoding: tail.prefix { $0 != 0 }, as: UTF8.self)
  }
}
