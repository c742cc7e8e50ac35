// One unit's line-number program: its header (DWARF 5, section 6.2.4) and the state machine it drives (section 6.2.5).
// Internal to the line-table reader. Arithmetic wraps, since the program may be garbage.

/// Reads the header of a line-number program and runs it.
struct LineProgram {
  struct Row: Sendable {
    var address: UInt64
    /// Index into `files`.
    var file: Int
    var line: Int
    var column: Int
  }

  private enum Opcode {
    static let copy: UInt8 = 1
    static let advanceAddress: UInt8 = 2
    static let advanceLine: UInt8 = 3
    static let setFile: UInt8 = 4
    static let setColumn: UInt8 = 5
    static let advanceByConstant: UInt8 = 8
    static let advanceFixed: UInt8 = 9
  }

  private enum ExtendedOpcode {
    static let endSequence: UInt8 = 1
    static let setAddress: UInt8 = 2
  }

  private enum Content {
    static let path: UInt64 = 1
    static let directoryIndex: UInt64 = 2
  }

  private enum Form {
    static let data2: UInt64 = 0x05
    static let data4: UInt64 = 0x06
    static let data8: UInt64 = 0x07
    static let string: UInt64 = 0x08
    static let block: UInt64 = 0x09
    static let data1: UInt64 = 0x0b
    static let stringOffset: UInt64 = 0x0e
    static let udata: UInt64 = 0x0f
    static let data16: UInt64 = 0x1e
    static let lineStringOffset: UInt64 = 0x1f
  }

  private enum Value {
    case number(UInt64)
    case text(String)
    case other
  }

  /// The paths of the unit's source files.
  private(set) var files: [String] = []
  /// What the program calls the first file.
  private let firstFile: Int
  private let lineStrings: [UInt8]
  private let strings: [UInt8]
  private let offsetSize: Int
  private let minimumInstructionLength: UInt64
  private let lineBase: Int64
  private let lineRange: UInt8
  private let opcodeBase: UInt8
  private let operandCounts: [UInt8]
  private var reader: DWARFReader

  init(_ bytes: [UInt8], unit: DWARFReader.Unit, lineStrings: [UInt8], strings: [UInt8]) throws(DWARFError) {
    self.lineStrings = lineStrings
    self.strings = strings
    offsetSize = unit.offsetSize
    reader = DWARFReader(bytes: bytes, range: unit.contents)
    let version = try reader.unsigned(size: 2)
    guard (2...5).contains(version) else { throw DWARFError() }
    // Version 5 adds the sizes of addresses and of segment selectors.
    if version == 5 { try reader.skip(2) }
    firstFile = version == 5 ? 0 : 1
    let headerLength = try reader.unsigned(size: offsetSize)
    guard headerLength <= UInt64(reader.end - reader.position) else { throw DWARFError() }
    let programStart = reader.position + Int(headerLength)
    minimumInstructionLength = UInt64(try reader.byte())
    // Version 4 adds the number of operations in an instruction, which is 1 on RISC-V; then `default_is_stmt`.
    try reader.skip(version >= 4 ? 2 : 1)
    lineBase = Int64(Int8(bitPattern: try reader.byte()))
    lineRange = try reader.byte()
    opcodeBase = try reader.byte()
    guard lineRange > 0, opcodeBase > 0 else { throw DWARFError() }
    var operandCounts: [UInt8] = []
    for _ in 1..<max(opcodeBase, 1) { operandCounts.append(try reader.byte()) }
    self.operandCounts = operandCounts
    if version == 5 { try readFiles() } else { try readFilesBeforeVersion5() }
    reader = DWARFReader(bytes: bytes, range: programStart..<unit.contents.upperBound)
  }

  /// Runs the program; if it is damaged, what came out until then is the result.
  mutating func run() -> [LineTable.Sequence] {
    var sequences: [LineTable.Sequence] = []
    var machine = Machine()
    do {
      while !reader.isAtEnd {
        if let sequence = try step(&machine) { sequences.append(sequence) }
      }
    } catch {
      return sequences
    }
    return sequences
  }

  private struct Machine {
    var address: UInt64 = 0
    var file: UInt64 = 1
    var line: Int64 = 1
    var column: UInt64 = 0
    var rows: [Row] = []
  }

  /// Executes one operation; returns a sequence if it ends there.
  private mutating func step(_ machine: inout Machine) throws(DWARFError) -> LineTable.Sequence? {
    let opcode = try reader.byte()
    if opcode >= opcodeBase {
      advance(&machine, special: opcode)
      machine.line &+= lineBase &+ Int64((opcode - opcodeBase) % lineRange)
      append(&machine)
      return nil
    }
    switch opcode {
    case 0: return try extendedStep(&machine)
    case Opcode.copy: append(&machine)
    case Opcode.advanceAddress: machine.address &+= try reader.unsignedLEB128() &* minimumInstructionLength
    case Opcode.advanceLine: machine.line &+= try reader.signedLEB128()
    case Opcode.setFile: machine.file = try reader.unsignedLEB128()
    case Opcode.setColumn: machine.column = try reader.unsignedLEB128()
    case Opcode.advanceByConstant: advance(&machine, special: 255)
    case Opcode.advanceFixed: machine.address &+= try reader.unsigned(size: 2)
    default:
      for _ in 0..<operandCounts[Int(opcode) - 1] { _ = try reader.unsignedLEB128() }
    }
    return nil
  }

  private mutating func extendedStep(_ machine: inout Machine) throws(DWARFError) -> LineTable.Sequence? {
    let length = try reader.unsignedLEB128()
    guard length > 0 else { return nil }
    let opcode = try reader.byte()
    switch opcode {
    case ExtendedOpcode.endSequence:
      try reader.skip(length - 1)
      defer { machine = Machine() }
      return Self.sequence(machine)
    case ExtendedOpcode.setAddress where length <= 9:
      machine.address = try reader.unsigned(size: Int(length - 1))
    default:
      try reader.skip(length - 1)
    }
    return nil
  }

  /// A usable sequence, or nil: linkers give the address 0 to code they dropped, and rows must ascend.
  private static func sequence(_ machine: Machine) -> LineTable.Sequence? {
    guard let first = machine.rows.first, let last = machine.rows.last, first.address != 0,
      last.address <= machine.address,
      zip(machine.rows, machine.rows.dropFirst()).allSatisfy({ $0.address <= $1.address })
    else { return nil }
    return LineTable.Sequence(rows: machine.rows, end: machine.address)
  }

  private func advance(_ machine: inout Machine, special opcode: UInt8) {
    machine.address &+= UInt64((opcode &- opcodeBase) / lineRange) &* minimumInstructionLength
  }

  private func append(_ machine: inout Machine) {
    let file = Int(truncatingIfNeeded: machine.file) &- firstFile
    machine.rows.append(
      Row(
        address: machine.address, file: files.indices.contains(file) ? file : Int(Int32.max),
        line: Int(machine.line), column: Int(truncatingIfNeeded: machine.column)))
  }

  private mutating func readFiles() throws(DWARFError) {
    let directories = try entries().map(\.path)
    files = try entries().map { entry in
      let index = Int(truncatingIfNeeded: entry.directory)
      guard directories.indices.contains(index) else { return entry.path }
      let path = Self.join(directories[index], entry.path)
      // Directory 0 is the directory of the compilation, from which the others may be relative.
      return index == 0 ? path : Self.join(directories[0], path)
    }
  }

  private mutating func readFilesBeforeVersion5() throws(DWARFError) {
    // Directory 0 is the directory of the compilation, which only `.debug_info` knows.
    var directories = [""]
    while let directory = try nonemptyString() { directories.append(directory) }
    while let path = try nonemptyString() {
      let index = Int(truncatingIfNeeded: try reader.unsignedLEB128())
      _ = try reader.unsignedLEB128()
      _ = try reader.unsignedLEB128()
      files.append(directories.indices.contains(index) ? Self.join(directories[index], path) : path)
    }
  }

  private mutating func nonemptyString() throws(DWARFError) -> String? {
    let text = try reader.string()
    return text.isEmpty ? nil : text
  }

  /// A table of directories or files in version 5's self-describing form.
  private mutating func entries() throws(DWARFError) -> [(path: String, directory: UInt64)] {
    var formats: [(content: UInt64, form: UInt64)] = []
    for _ in 0..<(try reader.byte()) {
      formats.append((try reader.unsignedLEB128(), try reader.unsignedLEB128()))
    }
    let count = try reader.unsignedLEB128()
    // Each entry takes at least a byte, so a count beyond what is left is a lie.
    guard count == 0 || !formats.isEmpty, count <= UInt64(reader.end - reader.position) else { throw DWARFError() }
    var entries: [(path: String, directory: UInt64)] = []
    for _ in 0..<count {
      var entry = (path: "", directory: UInt64(0))
      for format in formats {
        switch (format.content, try value(form: format.form)) {
        case (Content.path, .text(let path)): entry.path = path
        case (Content.directoryIndex, .number(let index)): entry.directory = index
        default: break
        }
      }
      entries.append(entry)
    }
    return entries
  }

  private mutating func value(form: UInt64) throws(DWARFError) -> Value {
    switch form {
    case Form.string: return .text(try reader.string())
    case Form.lineStringOffset: return .text(try text(in: lineStrings))
    case Form.stringOffset: return .text(try text(in: strings))
    case Form.udata: return .number(try reader.unsignedLEB128())
    case Form.data1: return .number(try reader.unsigned(size: 1))
    case Form.data2: return .number(try reader.unsigned(size: 2))
    case Form.data4: return .number(try reader.unsigned(size: 4))
    case Form.data8: return .number(try reader.unsigned(size: 8))
    case Form.data16: try reader.skip(16)
    case Form.block: try reader.skip(try reader.unsignedLEB128())
    default: throw DWARFError()
    }
    return .other
  }

  private mutating func text(in section: [UInt8]) throws(DWARFError) -> String {
    let offset = try reader.unsigned(size: offsetSize)
    guard offset < UInt64(section.count) else { throw DWARFError() }
    var strings = DWARFReader(bytes: section, range: Int(offset)..<section.count)
    return try strings.string()
  }

  private static func join(_ directory: String, _ path: String) -> String {
    directory.isEmpty || path.hasPrefix("/") ? path : directory + "/" + path
  }
}
