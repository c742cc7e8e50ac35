// The guest's task table as the host reads it: from RAM that a fault can reach, so nothing in it is believed unchecked.

import GuestABI
import Machine

/// One used row of the task table.
struct TaskRow {
  let record: TaskRecord
  /// Physical address of the row.
  let address: UInt64
  let name: String
  /// Physical address of the first field that makes no sense.
  let corruption: UInt64?

  var space: AddressSpaceRoot { AddressSpaceRoot(satp: record.satp) }
}

/// Reads the rows of the task table.
struct TaskTable {
  /// Used and corrupt rows in the table's order.
  let rows: [TaskRow]

  init(rows: [TaskRow]) { self.rows = rows }

  init(
    base: UInt64 = Layout.taskRecords, ram: Range<UInt64>, isFlat: Bool = false, read: PhysicalReader
  ) {
    var rows: [TaskRow] = []
    for index in 0..<TaskRecord.count {
      let address = base + UInt64(index * TaskRecord.stride)
      guard let row = Self.row(at: address, ram: ram, isFlat: isFlat, read: read) else { continue }
      rows.append(row)
    }
    self.rows = rows
  }

  private static func row(
    at address: UInt64, ram: Range<UInt64>, isFlat: Bool, read: PhysicalReader
  ) -> TaskRow? {
    var words: [UInt64] = []
    for index in 0..<UInt64(TaskRecord.stride / 8) {
      guard let word = read(address + index * 8) else { return nil }
      words.append(word)
    }
    // Before the kernel has set its table up there is nothing to list, and nothing is corrupt.
    guard words.contains(where: { $0 != 0 }) else { return nil }
    // The host compiles the very declaration that the guest kernel works on, so the layouts are the same.
    let record = words.withUnsafeBytes { $0.load(as: TaskRecord.self) }
    let name = Self.name(record.name.0, record.name.1)
    let corruption = Self.corruption(record, name: name, at: address, ram: ram, isFlat: isFlat)
    if corruption == nil, record.state == TaskState.free.rawValue { return nil }
    return TaskRow(record: record, address: address, name: name ?? "?", corruption: corruption)
  }

  private static func corruption(
    _ record: TaskRecord, name: String?, at address: UInt64, ram: Range<UInt64>, isFlat: Bool
  ) -> UInt64? {
    guard record.magic == TaskRecord.expectedMagic else { return address + Self.offset(\.magic) }
    guard let state = TaskState(rawValue: record.state) else { return address + Self.offset(\.state) }
    guard WaitReason(rawValue: record.waitReason) != nil else { return address + Self.offset(\.waitReason) }
    guard state != .free else { return nil }
    guard let name, !name.isEmpty else { return address + Self.offset(\.name) }
    // An embryo has no address space yet, and a zombie none any more.
    guard state != .embryo, state != .zombie else { return nil }
    let space = AddressSpaceRoot(satp: record.satp)
    if isFlat, space.satp == 0 { return nil }
    guard space.isTranslated, ram.contains(space.root) else { return address + Self.offset(\.satp) }
    return nil
  }

  private static func offset(_ field: PartialKeyPath<TaskRecord>) -> UInt64 {
    UInt64(MemoryLayout<TaskRecord>.offset(of: field) ?? 0)
  }

  /// The name, nil when it is not printable ASCII padded with zeros.
  private static func name(_ low: UInt64, _ high: UInt64) -> String? {
    let bytes =
      (0..<8).map { UInt8(truncatingIfNeeded: low >> ($0 * 8)) }
      + (0..<8).map { UInt8(truncatingIfNeeded: high >> ($0 * 8)) }
    let used = bytes.prefix { $0 != 0 }
    guard used.allSatisfy({ $0 > 32 && $0 < 127 }), bytes.dropFirst(used.count).allSatisfy({ $0 == 0 }) else {
      return nil
    }
    return String(decoding: used, as: UTF8.self)
  }

  /// The row of the task that runs in an address space.
  func row(satp: UInt64) -> TaskRow? {
    rows.first { $0.corruption == nil && $0.record.satp == satp && $0.record.state != TaskState.zombie.rawValue }
  }

  /// The row of a task number.
  func row(id: UInt64) -> TaskRow? {
    rows.first { $0.corruption == nil && UInt64($0.record.id) == id }
  }

  /// The name of a task number, also when another field of its record is corrupt.
  func name(id: UInt64) -> String? {
    let row = rows.first { UInt64($0.record.id) == id && $0.record.magic == TaskRecord.expectedMagic }
    return row.flatMap { $0.name == "?" ? nil : $0.name }
  }

  /// The newest living row of a name, else a dead one.
  func row(named name: String) -> TaskRow? {
    let matching = rows.filter { $0.corruption == nil && $0.name == name }
    let alive = matching.filter { $0.record.state != TaskState.zombie.rawValue }
    return (alive.isEmpty ? matching : alive).max { $0.record.id < $1.record.id }
  }
}
