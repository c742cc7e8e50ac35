// A guest's memory and tasks as the host finds them. Reads change nothing in the guest.

import GuestABI
import Machine

extension System {
  var ram: Range<UInt64> { MemoryMap.ram..<MemoryMap.ram + boot.memoryBytes }

  /// Eight bytes of physical memory; nil outside RAM.
  func physicalWord(_ address: UInt64) -> UInt64? { machine.memory.load(UInt64.self, at: address) }

  /// A foreign image has no such table.
  var taskTable: TaskTable {
    image.isForeign ? TaskTable(rows: []) : TaskTable(ram: ram, isFlat: image.isFlat) { physicalWord($0) }
  }

  /// The value of `satp` now.
  var currentSatp: UInt64 { controlRegister(.satp) }

  /// The task whose address space is current; nil in machine mode or before there are any.
  var currentTask: TaskRow? {
    machine.privilege == .machine ? nil : taskOfHiddenKernel ?? taskTable.row(satp: currentSatp)
  }

  /// What is known of the task that runs in an address space.
  ///
  /// Asked at every place where the host looks, so the record that had the address space last is tried first. When no
  /// record has it any more, because a fault destroyed it, the last answer still holds: the guest runs on in it.
  func knownSpace(_ satp: UInt64) -> System.KnownSpace? {
    if let known = spaces[satp], isUnchanged(known, satp: satp) { return known }
    guard let row = taskTable.row(satp: satp) else { return spaces[satp] }
    let known = KnownSpace(record: row.address, program: row.record.program, name: row.name)
    spaces[satp] = known
    return known
  }

  /// Whether a record still names the address space and the program.
  private func isUnchanged(_ known: KnownSpace, satp: UInt64) -> Bool {
    guard let space = MemoryLayout<TaskRecord>.offset(of: \.satp),
      let program = MemoryLayout<TaskRecord>.offset(of: \.program)
    else { return false }
    return physicalWord(known.record + UInt64(space)) == satp
      && machine.memory.load(UInt32.self, at: known.record + UInt64(program)) == known.program
  }

  /// The name of the task that runs in an address space.
  func taskName(satp: UInt64) -> String? { knownSpace(satp)?.name }

  /// The name of the current task; nil in machine mode or before there are any.
  var currentTaskName: String? {
    machine.privilege == .machine ? nil : taskOfHiddenKernel?.name ?? taskName(satp: currentSatp)
  }

  /// The image that covers an address in an address space.
  func programImage(covering address: UInt64, satp: UInt64) -> ProgramImage? {
    guard !image.isForeign else { return image.privileged(covering: address) }
    guard address < Layout.userEnd else { return image.privileged(covering: address) }
    return knownSpace(satp).flatMap { image.program(at: $0.program) }
  }

  /// Everything known about an address as the current address space sees it.
  func location(of address: UInt64) -> CodeLocation { location(of: address, satp: currentSatp) }

  func location(of address: UInt64, satp: UInt64) -> CodeLocation {
    programImage(covering: address, satp: satp)?.location(of: address) ?? CodeLocation(address: address)
  }

  /// The physical address behind a virtual one.
  func physical(_ address: UInt64, satp: UInt64) -> UInt64? {
    PageTableWalk.physical(address, in: AddressSpaceRoot(satp: satp)) { physicalWord($0) }
  }

  /// Bytes as an address space sees them, whatever the permissions; nil when a page is missing.
  func read(_ address: UInt64, count: Int, satp: UInt64) -> [UInt8]? {
    var bytes: [UInt8] = []
    var position = address
    while bytes.count < count {
      let inPage = Int(Layout.pageSize - position % Layout.pageSize)
      let piece = min(inPage, count - bytes.count)
      guard let physical = physical(position, satp: satp),
        let part = machine.memory.bytes(at: physical, count: piece)
      else { return nil }
      bytes += part
      position &+= UInt64(piece)
    }
    return bytes
  }

  /// Writes bytes as an address space sees them, whatever the permissions; false, with nothing written, when a page is missing.
  func write(_ bytes: [UInt8], at address: UInt64, satp: UInt64) -> Bool {
    var pieces: [(physical: UInt64, bytes: ArraySlice<UInt8>)] = []
    var position = address
    var index = 0
    while index < bytes.count {
      let inPage = Int(Layout.pageSize - position % Layout.pageSize)
      let piece = min(inPage, bytes.count - index)
      guard let physical = physical(position, satp: satp), machine.memory.bytes(at: physical, count: piece) != nil
      else {
        return false
      }
      pieces.append((physical, bytes[index..<index + piece]))
      position &+= UInt64(piece)
      index += piece
    }
    for piece in pieces { writePhysical(Array(piece.bytes), at: piece.physical) }
    return true
  }

  /// The current address space when nil, else that of the named task.
  func space(of task: String?) throws(LabError) -> (satp: UInt64, row: TaskRow?) {
    guard let task else { return (currentSatp, currentTask) }
    try requireOurs("tell its tasks apart")
    let table = taskTable
    let byNumber = UInt64(task).flatMap { table.row(id: $0) }
    guard let row = byNumber ?? table.row(named: task) else {
      let names = table.rows.filter { $0.corruption == nil }.map(\.name)
      throw LabError(
        .unknownName, "there is no task `\(task)`\(Nearest.suggestion(for: task, among: names))",
        hint: "`info tasks` lists them")
    }
    guard row.space.isTranslated || image.isFlat else {
      throw LabError(.wrongState, "task `\(row.name)` has no address space", hint: "`info tasks` shows its state")
    }
    return (row.record.satp, row)
  }
}

/// Finding the name that was meant.
enum Nearest {
  /// `; did you mean …?` when a candidate is close enough, else nothing.
  static func suggestion(for word: String, among candidates: [String]) -> String {
    nearest(to: word, among: candidates).map { "; did you mean `\($0)`?" } ?? ""
  }

  /// The candidate with the smallest edit distance, if it is at most a third of the word's length, and at least one edit is allowed.
  static func nearest(to word: String, among candidates: [String]) -> String? {
    let bound = max(1, word.count / 3)
    return candidates.map { (name: $0, distance: distance(Array(word.utf8), Array($0.utf8))) }
      .filter { $0.distance <= bound }.min { ($0.distance, $0.name) < ($1.distance, $1.name) }?.name
  }

  private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var previous = Array(0...right.count)
    for (row, byte) in left.enumerated() {
      var current = [row + 1]
      for (column, other) in right.enumerated() {
        current.append(
          min(previous[column] + (byte == other ? 0 : 1), previous[column + 1] + 1, current[column] + 1))
      }
      previous = current
    }
    return previous[right.count]
  }
}
