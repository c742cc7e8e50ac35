// A reader for the ELF files that the tools produce: ELF64, little-endian (System V ABI, chapter 4).
//
// Offsets are checked even though the files come from a trusted linker: the archives that hold them may be damaged.

/// The parts of an ELF file that the builder works with.
struct ObjectFile: Sendable {
  struct Section: Sendable {
    var name: String
    var type: UInt32
    var flags: UInt64
    var address: UInt64
    var offset: UInt64
    var size: UInt64
    var link: UInt32
    var info: UInt32

    var isAllocated: Bool { flags & 0x2 != 0 }
    var occupiesFile: Bool { type != 8 }
  }

  struct Symbol: Sendable {
    enum Binding: UInt8, Sendable { case local = 0, global = 1, weak = 2 }

    var name: String
    var binding: Binding?
    var isFunction: Bool
    /// Index of the section that defines it; 0 for an undefined symbol.
    var section: UInt16
    var value: UInt64
    var size: UInt64

    /// Whether it is defined in a section (and neither undefined, absolute nor common).
    var isDefined: Bool { section != 0 && section < 0xff00 }
  }

  struct Relocation: Sendable {
    var offset: UInt64
    var type: UInt32
    /// Index of the symbol that it refers to.
    var symbol: UInt32
  }

  /// A `PT_LOAD` program header.
  struct Segment: Sendable {
    var flags: UInt32
    var offset: UInt64
    var address: UInt64
    var fileSize: UInt64
    var memorySize: UInt64

    var isExecutable: Bool { flags & 1 != 0 }
    var isWritable: Bool { flags & 2 != 0 }
  }

  let name: String
  let bytes: [UInt8]
  let entry: UInt64
  let sections: [Section]
  let symbols: [Symbol]
  let segments: [Segment]

  /// Reads headers, sections and symbols.
  ///
  /// - Parameter name: What the file is, for error messages.
  init(_ bytes: [UInt8], name: String) throws(GuestBuildError) {
    self.name = name
    self.bytes = bytes
    let reader = Reader(bytes: bytes, name: name)
    guard bytes.count >= 64, bytes.starts(with: [0x7f, 0x45, 0x4c, 0x46, 2, 1]) else {
      throw reader.damaged("this is not an ELF64 little-endian file")
    }
    entry = try reader.word(24)
    segments = try Self.readSegments(reader)
    sections = try Self.readSections(reader)
    symbols = try Self.readSymbols(reader, sections)
  }

  /// The bytes of a section; empty for one that has none in the file.
  func content(of section: Section) throws(GuestBuildError) -> ArraySlice<UInt8> {
    guard section.occupiesFile else { return [] }
    return try Reader(bytes: bytes, name: name).slice(section.offset, section.size)
  }

  /// The file with no section marked as one that the linker must keep although nothing refers to it.
  ///
  /// The Swift compiler marks a function of its runtime so (`SHF_GNU_RETAIN`), which no guest needs.
  var withoutRetention: [UInt8] {
    var bytes = bytes
    let table = bytes[40..<48].reversed().reduce(0) { $0 << 8 | Int($1) }
    for index in sections.indices {
      // Bit 21 of sh_flags, which begins at byte 8 of a section header.
      bytes[table + index * 64 + 8 + 2] &= ~0x20
    }
    return bytes
  }

  /// The relocations that apply to the section with this index.
  func relocations(ofSection index: Int) throws(GuestBuildError) -> [Relocation] {
    let reader = Reader(bytes: bytes, name: name)
    var relocations: [Relocation] = []
    for table in sections where table.type == 4 && Int(table.info) == index {
      _ = try reader.slice(table.offset, table.size)
      for row in 0..<(table.size / 24) {
        relocations.append(
          Relocation(
            offset: try reader.word(table.offset + row * 24), type: try reader.half(table.offset + row * 24 + 8),
            symbol: try reader.half(table.offset + row * 24 + 12)))
      }
    }
    return relocations
  }

  private static func readSegments(_ reader: Reader) throws(GuestBuildError) -> [Segment] {
    let table = try reader.word(32)
    var segments: [Segment] = []
    for row in 0..<UInt64(try reader.short(56)) {
      let (base, overflow) = table.addingReportingOverflow(row * 56)
      guard !overflow else { throw reader.damaged("the program headers lie outside the file") }
      guard try reader.half(base) == 1 else { continue }
      segments.append(
        Segment(
          flags: try reader.half(base + 4), offset: try reader.word(base + 8), address: try reader.word(base + 16),
          fileSize: try reader.word(base + 32), memorySize: try reader.word(base + 40)))
    }
    return segments
  }

  private static func readSections(_ reader: Reader) throws(GuestBuildError) -> [Section] {
    let table = try reader.word(40)
    let count = UInt64(try reader.short(60))
    guard count > 0 else { return [] }
    _ = try reader.slice(table, count * 64)
    let namesBase = table + UInt64(try reader.short(62)) * 64
    let names = try reader.slice(try reader.word(namesBase + 24), try reader.word(namesBase + 32))
    var sections: [Section] = []
    for row in 0..<count {
      let base = table + row * 64
      sections.append(
        Section(
          name: try reader.text(in: names, at: try reader.half(base)), type: try reader.half(base + 4),
          flags: try reader.word(base + 8), address: try reader.word(base + 16), offset: try reader.word(base + 24),
          size: try reader.word(base + 32), link: try reader.half(base + 40), info: try reader.half(base + 44)))
    }
    return sections
  }

  private static func readSymbols(_ reader: Reader, _ sections: [Section]) throws(GuestBuildError) -> [Symbol] {
    guard let table = sections.first(where: { $0.type == 2 }) else { return [] }
    guard Int(table.link) < sections.count else { throw reader.damaged("the symbols have no names") }
    let strings = sections[Int(table.link)]
    let names = try reader.slice(strings.offset, strings.size)
    _ = try reader.slice(table.offset, table.size)
    var symbols: [Symbol] = []
    for row in 0..<(table.size / 24) {
      let base = table.offset + row * 24
      let info = try reader.byte(base + 4)
      symbols.append(
        Symbol(
          name: try reader.text(in: names, at: try reader.half(base)), binding: Symbol.Binding(rawValue: info >> 4),
          isFunction: info & 0xf == 2, section: try reader.short(base + 6), value: try reader.word(base + 8),
          size: try reader.word(base + 16)))
    }
    return symbols
  }
}

/// Checked access to the file's bytes.
private struct Reader {
  var bytes: [UInt8]
  var name: String

  func damaged(_ problem: String) -> GuestBuildError {
    .object(name: name, problem: problem, hint: "build it again")
  }

  func slice(_ offset: UInt64, _ size: UInt64) throws(GuestBuildError) -> ArraySlice<UInt8> {
    let (end, overflow) = offset.addingReportingOverflow(size)
    guard !overflow, end <= UInt64(bytes.count) else { throw damaged("the file ends too early") }
    return bytes[Int(offset)..<Int(end)]
  }

  func byte(_ offset: UInt64) throws(GuestBuildError) -> UInt8 { UInt8(try integer(offset, 1)) }
  func short(_ offset: UInt64) throws(GuestBuildError) -> UInt16 { UInt16(try integer(offset, 2)) }
  func half(_ offset: UInt64) throws(GuestBuildError) -> UInt32 { UInt32(try integer(offset, 4)) }
  func word(_ offset: UInt64) throws(GuestBuildError) -> UInt64 { try integer(offset, 8) }

  func text(in strings: ArraySlice<UInt8>, at offset: UInt32) throws(GuestBuildError) -> String {
    guard Int(offset) <= strings.count else { throw damaged("a name lies outside the file") }
    return String(decoding: strings.dropFirst(Int(offset)).prefix { $0 != 0 }, as: UTF8.self)
  }

  private func integer(_ offset: UInt64, _ count: UInt64) throws(GuestBuildError) -> UInt64 {
    try slice(offset, count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
