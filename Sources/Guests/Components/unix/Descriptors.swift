// A task's open descriptors: small numbers for the console, open files and the ends of pipes.
//
// Callers must not keep an entry over a wait: another call of the task may close it.

/// What a descriptor stands for.
enum DescriptorKind: UInt8 {
  case free
  case console
  case file
  /// An end of a pipe; which one, its handle says.
  case pipe
  case socket
  /// A service found by name; `handle` is what `services_find` gave.
  case service
}

/// One row of the table.
struct Descriptor {
  var kind = DescriptorKind.free
  /// Every write goes to the end.
  var appends = false
  /// The file is in the second file system.
  var isScratch = false
  /// Another descriptor may stand for the same handle: they share one position, and the last one closes it.
  var isDuplicated = false
  /// The name that the service behind it has for it.
  var handle: UInt64 = 0
  /// In bytes; in a directory, the number of the next entry.
  var position: UInt64 = 0

  /// Whether both stand for the same thing.
  func isSame(as other: Descriptor) -> Bool {
    kind == other.kind && handle == other.handle && isScratch == other.isScratch
  }
}

/// The descriptors of one task, by number.
///
/// Its methods are all mutating, so that they work in place: one that only looks would get a copy of the whole table.
struct DescriptorTable {
  /// Descriptors that a task can have.
  static var capacity: Int { 16 }

  private var rows = InlineArray<16, Descriptor>(repeating: Descriptor())

  /// Descriptors 0, 1 and 2 are the console.
  init() {
    for number in 0...2 { rows[number].kind = .console }
  }

  /// The entry of an open descriptor.
  mutating func entry(_ descriptor: UInt64) throws(ErrorCode) -> Descriptor {
    guard descriptor < Self.capacity else { throw .badDescriptor }
    let row = rows[Int(descriptor)]
    guard row.kind != .free else { throw .badDescriptor }
    return row
  }

  /// The entry of a descriptor that is open on a file or directory.
  mutating func file(_ descriptor: UInt64) throws(ErrorCode) -> Descriptor {
    let row = try entry(descriptor)
    guard row.kind == .file else { throw .invalid }
    return row
  }

  /// The handle behind a descriptor for a service found by name.
  mutating func service(_ descriptor: UInt64) throws(ErrorCode) -> UInt64 {
    let row = try entry(descriptor)
    guard row.kind == .service else { throw .invalid }
    return row.handle
  }

  /// The lowest free number.
  mutating func lowestFree() throws(ErrorCode) -> Int {
    for number in 0..<Self.capacity where rows[number].kind == .free { return number }
    throw .tooManyOpenFiles
  }

  mutating func set(_ number: Int, _ row: Descriptor) { rows[number] = row }

  /// Moves an open descriptor's position; a number that is not one stays as it is.
  mutating func move(_ descriptor: UInt64, to position: UInt64) {
    guard descriptor < Self.capacity else { return }
    let row = rows[Int(descriptor)]
    rows[Int(descriptor)].position = position
    guard row.isDuplicated else { return }
    for number in 0..<Self.capacity where rows[number].isSame(as: row) { rows[number].position = position }
  }

  /// Makes `target` another name of an open descriptor.
  mutating func duplicate(_ descriptor: UInt64, to target: Int) {
    rows[Int(descriptor)].isDuplicated = true
    rows[target] = rows[Int(descriptor)]
  }

  /// Whether any descriptor stands for what another one stood for.
  mutating func hasOpen(_ row: Descriptor) -> Bool {
    for number in 0..<Self.capacity where rows[number].isSame(as: row) { return true }
    return false
  }

  mutating func close(_ descriptor: UInt64) {
    guard descriptor < Self.capacity else { return }
    rows[Int(descriptor)] = Descriptor()
  }
}
