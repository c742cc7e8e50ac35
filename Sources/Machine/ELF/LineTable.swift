// From addresses to source lines, by the `.debug_line` section of an image (DWARF 4 and 5, section 6.2).
// Debug information is untrusted and may be damaged: a unit that makes no sense is left out, and the rest is used. An address
// without a location is normal, for assembly and compiler-made code.

/// A place in a source file.
public struct SourceLocation: Hashable, Codable, Sendable {
  /// The path of the file as the compiler was given it.
  public let file: String
  /// The line, counted from 1.
  public let line: Int
  /// The column, counted from 1; 0 if it is not known.
  public let column: Int

  /// Makes a location.
  public init(file: String, line: Int, column: Int) {
    self.file = file
    self.line = line
    self.column = column
  }

  /// The last component of the path.
  public var fileName: String {
    file.split(separator: "/").last.map(String.init) ?? file
  }
}

/// The line numbers of an image.
public struct LineTable: Sendable {
  /// Rows in ascending order of address, up to the address at which the piece of code ends.
  struct Sequence: Sendable {
    var rows: [LineProgram.Row]
    var end: UInt64
  }

  /// Ordered by the address of the first row.
  private let sequences: [Sequence]
  private let files: [String]

  /// Reads the line numbers of an image; an image without them gives an empty table.
  public init(_ elf: ELFFile) {
    self.init(
      line: Array(elf.contents(ofSection: ".debug_line")),
      lineStrings: Array(elf.contents(ofSection: ".debug_line_str")),
      strings: Array(elf.contents(ofSection: ".debug_str")))
  }

  init(line: [UInt8], lineStrings: [UInt8], strings: [UInt8]) {
    var sequences: [Sequence] = []
    var files: [String] = []
    var start = 0
    while start < line.count {
      var reader = DWARFReader(bytes: line, range: start..<line.count)
      guard let unit = try? reader.unit() else { break }
      start = unit.contents.upperBound
      guard var program = try? LineProgram(line, unit: unit, lineStrings: lineStrings, strings: strings) else {
        continue
      }
      for var sequence in program.run() {
        for index in sequence.rows.indices { sequence.rows[index].file += files.count }
        sequences.append(sequence)
      }
      files += program.files
    }
    self.files = files
    self.sequences = sequences.sorted { $0.rows[0].address < $1.rows[0].address }
  }

  /// Whether there are no line numbers at all.
  public var isEmpty: Bool { sequences.isEmpty }

  /// The source line that the instruction at a virtual address was made from, or nil if it is not known.
  public func location(of address: UInt64) -> SourceLocation? {
    let candidate = Self.lastIndex(in: sequences) { $0.rows[0].address <= address }
    guard let candidate, address < sequences[candidate].end else { return nil }
    let rows = sequences[candidate].rows
    guard let index = Self.lastIndex(in: rows, where: { $0.address <= address }) else { return nil }
    let row = rows[index]
    // Line 0 marks code that belongs to no line.
    guard row.line > 0, files.indices.contains(row.file) else { return nil }
    return SourceLocation(file: files[row.file], line: row.line, column: row.column)
  }

  /// The last element that satisfies a condition which holds for a prefix of the elements.
  private static func lastIndex<Element>(in elements: [Element], where condition: (Element) -> Bool) -> Int? {
    var low = 0
    var high = elements.count
    while low < high {
      let middle = (low + high) / 2
      if condition(elements[middle]) { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? nil : low - 1
  }
}
