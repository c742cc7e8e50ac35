// One linked image, of a kernel or a program, with the names its ELF file gives to addresses.
//
// It describes the file, not memory: a guest may have overwritten what is loaded.

import Machine

/// An ELF image with lookup by name and address.
final class ProgramImage {
  /// `kernel` or the program's name.
  let name: String
  let elf: ELFFile
  /// Loaded sections in the order of their addresses.
  private let sections: [ELFFile.Section]
  /// Read on first use: most commands need no source lines.
  private(set) lazy var lines = LineTable(elf)

  init(name: String, elf: ELFFile) {
    self.name = name
    self.elf = elf
    sections = elf.sections.filter { $0.isLoaded && $0.size > 0 }.sorted { $0.address < $1.address }
  }

  /// The address of a symbol.
  func address(of symbol: String) -> UInt64? { elf.symbols[symbol]?.address }

  /// The loaded section that covers an address.
  func section(at address: UInt64) -> ELFFile.Section? {
    sections.last { $0.address <= address && address - $0.address < $0.size }
  }

  /// The component whose section covers an address.
  func component(at address: UInt64) -> String? {
    section(at: address).map { SectionName($0.name, image: name).component }
  }

  /// What lies at an address, such as `blk text`, with the addresses over which that stays true.
  func owner(of address: UInt64) -> (name: String, range: Range<UInt64>)? {
    guard let section = section(at: address) else { return nil }
    let label = SectionName(section.name, image: name)
    return (label.description, section.address..<section.address + section.size)
  }

  /// Everything that is known about an address of this image; nil outside.
  func location(of address: UInt64) -> CodeLocation? {
    guard let section = section(at: address) else { return nil }
    var location = CodeLocation(address: address, image: name)
    location.component = SectionName(section.name, image: name).component
    if let (symbol, offset) = elf.symbols.covering(address) {
      location.symbol = SymbolName.readable(symbol.name)
      location.offset = offset
    }
    if section.isExecutable, let source = lines.location(of: address) {
      location.file = source.fileName
      location.line = source.line
    }
    return location
  }

  /// Where a range of virtual addresses was loaded; nil if no segment holds all of it.
  func physical(_ range: Range<UInt64>) -> Range<UInt64>? {
    let segment = elf.segments.first {
      $0.virtualAddress <= range.lowerBound && range.lowerBound - $0.virtualAddress < $0.memorySize
    }
    guard let segment else { return nil }
    let start = segment.address &+ (range.lowerBound - segment.virtualAddress)
    let (end, overflows) = start.addingReportingOverflow(range.upperBound - range.lowerBound)
    return overflows ? nil : start..<end
  }

  /// Bytes of the image as linked; nil when part of the range is not in the file.
  func bytes(at address: UInt64, count: Int) -> [UInt8]? {
    guard count >= 0 else { return nil }
    for segment in elf.segments where address >= segment.virtualAddress {
      let offset = address - segment.virtualAddress
      guard offset <= UInt64(segment.fileRange.count), UInt64(segment.fileRange.count) - offset >= UInt64(count) else {
        continue
      }
      let start = segment.fileRange.lowerBound + Int(offset)
      return Array(elf.bytes[start..<start + count])
    }
    return nil
  }
}

/// A section's name taken apart: `.text.blk` is the text of component `blk`.
struct SectionName: CustomStringConvertible {
  let component: String
  let part: String

  private static let parts = [
    "taskrecords": "task records", "archive": "boot archive", "text": "text", "rodata": "constants", "data": "data",
    "sdata": "data", "bss": "zeroed data", "sbss": "zeroed data",
  ]

  init(_ section: String, image: String) {
    let words = section.drop { $0 == "." }.split(separator: ".", maxSplits: 1).map(String.init)
    let first = words.first ?? section
    part = Self.parts[first] ?? first
    component = words.count > 1 && Self.parts[first] != nil ? words[1] : image
  }

  var description: String { "\(component) \(part)" }
}

/// Symbols as people read them.
enum SymbolName {
  /// The types and the function of a mangled Swift name, joined by dots; any other name unchanged.
  ///
  /// A mangled name spells the module, then each type followed by the letter of its kind, then the function, as a decimal
  /// length and the characters. Substitutions are left out, so the result is a help for reading and no exact demangling.
  static func readable(_ name: String) -> String {
    guard name.hasPrefix("$s") || name.hasPrefix("$e") else { return name }
    var characters = name.utf8.dropFirst(2)
    var identifiers: [String] = []
    while let start = characters.firstIndex(where: { $0 >= UInt8(ascii: "1") && $0 <= UInt8(ascii: "9") }) {
      let digits = characters[start...].prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
      let rest = characters[digits.endIndex...]
      guard let length = Int(String(decoding: digits, as: UTF8.self)), length <= rest.count else { break }
      identifiers.append(String(decoding: rest.prefix(length), as: UTF8.self))
      characters = rest.dropFirst(length)
      let isModule = identifiers.count == 1
      let isType = characters.first.map { "COV".utf8.contains($0) } ?? false
      if !isModule, !isType { break }
    }
    guard let module = identifiers.first else { return name }
    return identifiers.count == 1 ? module : identifiers.dropFirst().joined(separator: ".")
  }
}
