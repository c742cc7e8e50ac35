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
  /// The identifiers inside a mangled Swift name, joined by dots; any other name unchanged.
  ///
  /// A mangled name spells most identifiers as a decimal length and the characters; substitutions are left out, so the
  /// result is a help for reading and no exact demangling.
  static func readable(_ name: String) -> String {
    guard name.hasPrefix("$s") || name.hasPrefix("$e") else { return name }
    let characters = Array(name.utf8.dropFirst(2))
    var identifiers: [String] = []
    var index = 0
    while index < characters.count {
      guard characters[index] >= UInt8(ascii: "1"), characters[index] <= UInt8(ascii: "9") else {
        index += 1
        continue
      }
      var length = 0
      while index < characters.count, characters[index] >= UInt8(ascii: "0"), characters[index] <= UInt8(ascii: "9"),
        length < 1000
      {
        length = length * 10 + Int(characters[index] - UInt8(ascii: "0"))
        index += 1
      }
      guard index + length <= characters.count else { break }
      identifiers.append(String(decoding: characters[index..<index + length], as: UTF8.self))
      index += length
    }
    return identifiers.isEmpty ? name : identifiers.joined(separator: ".")
  }
}
