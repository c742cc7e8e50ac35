// Showing and changing memory, and turning names of places into addresses.

import GuestABI
import Machine
import RISCV

extension System {
  /// The most units or instructions that one command shows.
  private static let maximumUnits = 10_000
  /// The longest string shown.
  private static let maximumString = 256

  // MARK: Places

  /// The address that `SYMBOL`, `IMAGE:SYMBOL`, `PLACE+N`, `ADDRESS` or `*ADDRESS` names.
  ///
  /// - Throws: `LabError` when it names none.
  public func address(of place: String) throws(LabError) -> UInt64 { try resolve(place).address }

  /// An address by its name, with the task in whose address space the name means something; nil for the kernel's names,
  /// which mean the same everywhere, and for bare addresses.
  ///
  /// - Throws: `LabError` when the place is not known.
  public func locate(_ place: String) throws(LabError) -> (address: UInt64, task: String?) {
    let (name, address) = try resolve(place)
    guard let name, image.programs[name] != nil else { return (address, nil) }
    let row = taskTable.rows.last { $0.corruption == nil && image.program(at: $0.record.program)?.name == name }
    return (address, row.map { String($0.record.id) })
  }

  /// An address with the image whose symbol named it; nil for a bare address.
  func resolve(_ place: String) throws(LabError) -> (image: String?, address: UInt64) {
    let text = place.hasPrefix("*") ? String(place.dropFirst()) : place
    if let number = Self.number(text) { return (nil, number) }
    if let sign = text.lastIndex(where: { $0 == "+" || $0 == "-" }), sign > text.startIndex,
      let offset = Self.number(String(text[text.index(after: sign)...]))
    {
      let base = try resolve(String(text[..<sign]))
      return (base.image, text[sign] == "+" ? base.address &+ offset : base.address &- offset)
    }
    if text.hasPrefix("$") { return (nil, try value(ofRegister: String(text.dropFirst()))) }
    let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
    if parts.count == 2 {
      guard let program = image.image(parts[0]) else {
        let names = image.privileged.map(\.name) + programs
        throw LabError(
          .unknownName, "there is no image `\(parts[0])`\(Nearest.suggestion(for: parts[0], among: names))",
          hint: "images: " + names.joined(separator: " "))
      }
      return (program.name, try address(of: parts[1], in: program))
    }
    for image in image.privileged { if let address = image.address(of: text) { return (image.name, address) } }
    if let current = currentTask.flatMap({ image.program(at: $0.record.program) }),
      let address = current.address(of: text)
    {
      return (current.name, address)
    }
    for name in programs {
      if let program = image.programs[name], let address = program.address(of: text) { return (name, address) }
    }
    let names = (image.privileged + Array(image.programs.values)).flatMap { $0.elf.symbols.all.map(\.name) }
    throw LabError(
      .unknownName, "there is no symbol `\(text)` in \(kernel)\(Nearest.suggestion(for: text, among: names))",
      hint: "write a symbol, IMAGE:SYMBOL or an address such as 0x80000000")
  }

  private func address(of symbol: String, in program: ProgramImage) throws(LabError) -> UInt64 {
    if let address = program.address(of: symbol) { return address }
    let names = program.elf.symbols.all.map(\.name)
    throw LabError(
      .unknownName,
      "there is no symbol `\(symbol)` in `\(program.name)`\(Nearest.suggestion(for: symbol, among: names))",
      hint: "completion after `\(program.name):` lists its symbols")
  }

  private static func number(_ text: String) -> UInt64? {
    let digits = text.filter { $0 != "_" }
    if digits.hasPrefix("0x") || digits.hasPrefix("0X") { return UInt64(digits.dropFirst(2), radix: 16) }
    return digits.first?.isNumber == true ? UInt64(digits) : nil
  }

  // MARK: Reading

  /// Shows memory as a task sees it, whatever its permissions.
  ///
  /// - Parameters:
  ///   - format: How.
  ///   - address: The first virtual address.
  ///   - task: A task's name or number; nil for the current address space.
  /// - Throws: `LabError` when the first unit cannot be read or the task is not known.
  public func examine(
    _ format: ExamineFormat, at address: UInt64, task: String? = nil
  ) throws(LabError) -> ExamineReport {
    let space = try space(of: task)
    var report = try examine(format, at: address, satp: space.satp) { address, count in
      self.read(address, count: count, satp: space.satp)
    }
    report.task = space.row?.name
    return report
  }

  /// Shows physical memory.
  ///
  /// - Throws: `LabError` when the first unit lies outside RAM.
  public func examinePhysical(_ format: ExamineFormat, at address: UInt64) throws(LabError) -> ExamineReport {
    // Kernel images are linked where they are loaded, so their names serve physical addresses too.
    var report = try examine(format, at: address, satp: currentSatp) { address, count in
      machine.memory.bytes(at: address, count: count)
    }
    report.physical = true
    return report
  }

  private func examine(
    _ format: ExamineFormat, at address: UInt64, satp: UInt64, read: (UInt64, Int) -> [UInt8]?
  ) throws(LabError) -> ExamineReport {
    guard format.count >= 1, format.count <= Self.maximumUnits, [1, 2, 4, 8].contains(format.unit) else {
      throw LabError(
        .badArgument, "1 to \(Self.maximumUnits) units of 1, 2, 4 or 8 bytes can be shown",
        hint: "`x/8gx sp` shows eight")
    }
    var report = ExamineReport(address: address, physical: false, units: [])
    var position = address
    for _ in 0..<format.count {
      guard let (unit, length) = unit(format, at: position, satp: satp, read: read) else {
        let where_ = "0x" + String(position, radix: 16)
        guard !report.units.isEmpty else {
          throw LabError(
            .badAddress, "address \(where_) is not mapped to memory", hint: "`translate \(where_)` shows the walk")
        }
        report.stopped = "\(where_) is not mapped to memory"
        break
      }
      report.units.append(unit)
      position &+= length
    }
    return report
  }

  private func unit(
    _ format: ExamineFormat, at address: UInt64, satp: UInt64, read: (UInt64, Int) -> [UInt8]?
  ) -> (ExaminedUnit, length: UInt64)? {
    let here = location(of: address, satp: satp)
    let named = here.symbol == nil ? nil : here
    switch format.style {
    case .string:
      var bytes: [UInt8] = []
      while bytes.count < Self.maximumString {
        guard let byte = read(address &+ UInt64(bytes.count), 1)?.first else {
          if bytes.isEmpty { return nil }
          break
        }
        if byte == 0 { break }
        bytes.append(byte)
      }
      let text = String(decoding: bytes, as: UTF8.self)
      return (ExaminedUnit(address: address, text: text, location: named), UInt64(bytes.count) + 1)
    case .instruction:
      guard let (word, length) = instruction(at: address, read: read) else { return nil }
      let text = disassembly(of: word, at: address, satp: satp)
      return (ExaminedUnit(address: address, value: UInt64(word), text: text, location: named), UInt64(length))
    default:
      guard let bytes = read(address, format.unit) else { return nil }
      let value = bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      let target = format.style == .address ? location(of: value, satp: satp) : here
      return (
        ExaminedUnit(
          address: address, value: value, text: Self.text(of: value, format, target),
          location: target.symbol == nil ? nil : target), UInt64(format.unit)
      )
    }
  }

  private static func text(of value: UInt64, _ format: ExamineFormat, _ target: CodeLocation) -> String {
    switch format.style {
    case .decimal:
      let shift = 64 - format.unit * 8
      return String(Int64(bitPattern: value << UInt64(shift)) >> Int64(shift))
    case .unsigned: return String(value)
    case .binary:
      let digits = String(value, radix: 2)
      return "0b" + String(repeating: "0", count: max(0, format.unit * 8 - digits.count)) + digits
    case .character:
      let byte = UInt8(truncatingIfNeeded: value)
      return byte > 31 && byte < 127 ? "'\(UnicodeScalar(byte))'" : "\\x" + String(byte, radix: 16)
    case .address:
      let number = "0x" + String(value, radix: 16)
      return target.symbol == nil ? number : "\(number) <\(target.name)>"
    default:
      let digits = String(value, radix: 16)
      return "0x" + String(repeating: "0", count: max(0, format.unit * 2 - digits.count)) + digits
    }
  }

  // MARK: Writing

  /// Writes physical memory that is known to exist.
  func writePhysical(_ bytes: [UInt8], at address: UInt64) {
    apply(.memory(address: address, bytes: bytes))
  }

  /// Writes memory as a task sees it, ignoring page permissions.
  ///
  /// - Throws: `LabError` when a page is not mapped; then nothing is written.
  public func writeMemory(_ bytes: [UInt8], at address: UInt64, task: String? = nil) throws(LabError) {
    let space = try space(of: task)
    guard write(bytes, at: address, satp: space.satp) else {
      let place = "0x" + String(address, radix: 16)
      throw LabError(
        .badAddress, "address \(place) is not mapped to memory", hint: "`translate \(place)` shows the walk")
    }
  }

  // MARK: Code

  /// Disassembles as a task sees its memory, from `pc` and to the end of its function when not told otherwise.
  ///
  /// - Parameters:
  ///   - address: The first instruction; nil for the start of the current function.
  ///   - count: How many instructions; nil for the whole function.
  ///   - task: A task's name or number; nil for the current address space.
  /// - Throws: `LabError` when there is nothing at the address.
  public func disassemble(
    at address: UInt64?, count: Int?, task: String? = nil
  ) throws(LabError) -> DisassemblyReport {
    let space = try space(of: task)
    let asked = address ?? machine.pc
    let function = programImage(covering: asked, satp: space.satp)?.elf.symbols.covering(asked)?.symbol
    var position = count == nil ? function?.address ?? asked : asked
    let end = function.map { $0.address + $0.size } ?? 0
    let maximum = min(count ?? (end > position ? Self.maximumUnits : 16), Self.maximumUnits)
    var report = DisassemblyReport(task: space.row?.name, instructions: [])
    while report.instructions.count < maximum, count != nil || end <= asked || position < end {
      let found = instruction(at: position) { self.read($0, count: $1, satp: space.satp) }
      guard let (word, length) = found else { break }
      let isCurrentSpace = space.satp == currentSatp
      report.instructions.append(
        DisassembledInstruction(
          address: position, encoding: word, length: length,
          text: disassembly(of: word, at: position, satp: space.satp),
          location: location(of: position, satp: space.satp),
          current: isCurrentSpace && position == machine.pc, breakpoint: breakpoint(at: position, satp: space.satp)))
      position &+= UInt64(length)
    }
    guard !report.instructions.isEmpty else {
      let place = "0x" + String(position, radix: 16)
      throw LabError(
        .badAddress, "address \(place) is not mapped to memory", hint: "`translate \(place)` shows the walk")
    }
    return report
  }

  private func breakpoint(at address: UInt64, satp: UInt64) -> Int? {
    let name = programImage(covering: address, satp: satp)?.name
    return condition.breakpoints.first { $0.address == address && ($0.image == nil || $0.image == name) }?.id
  }

  /// The instruction at a virtual address of the current address space, as text.
  func instructionText(at address: UInt64) -> String? {
    let satp = machine.privilege == .machine ? 0 : currentSatp
    return instruction(at: address) { self.read($0, count: $1, satp: satp) }
      .map { disassembly(of: $0.word, at: address, satp: satp) }
  }

  private func instruction(at address: UInt64, read: (UInt64, Int) -> [UInt8]?) -> (word: UInt32, length: Int)? {
    guard let low = read(address, 2) else { return nil }
    let half = UInt32(low[0]) | UInt32(low[1]) << 8
    guard half & 3 == 3 else { return (half, 2) }
    guard let high = read(address &+ 2, 2) else { return nil }
    return (half | UInt32(high[0]) << 16 | UInt32(high[1]) << 24, 4)
  }

  private func disassembly(of word: UInt32, at address: UInt64, satp: UInt64) -> String {
    Disassembler.text(of: word, at: address) { target in
      let place = self.location(of: target, satp: satp)
      return place.symbol == nil ? nil : place.name
    }.text
  }
}
