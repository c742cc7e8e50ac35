// Open files: which client may do what with which inode.
//
// A handle names a row of a fixed table and the incarnation that gave it out; a client's word for one is checked on
// every use.

/// A row of the table; without an inode it is free.
struct OpenFile {
  /// Whose it is: a forked task's files are its parent's as well.
  var holders: ClientSet
  var inode: UInt32
  var flags: UInt16
  var kind: UInt16

  var options: OpenFlags { OpenFlags(rawValue: UInt64(flags)) }
  var isDirectory: Bool { kind == DiskFormat.directoryKind }
}

extension FileSystem {
  /// A power of two: a handle's low bits are its row.
  static var handleCount: Int { 64 }

  /// The part of every handle that tells this incarnation's from those of one before a restart, whose holders must get
  /// an error and not another one's file: the time of its start, above the bits of the row.
  static func incarnation(startedAt time: UInt64) -> UInt64 { (time & 0xFFFF_FFFF) * UInt64(handleCount) }

  func handle(ofRow row: Int) -> UInt64 { incarnation | UInt64(row) }

  /// The row that a handle of this incarnation names.
  private func row(of handle: UInt64) throws(ErrorCode) -> Int {
    let row = handle ^ incarnation
    guard row < UInt64(FileSystem.handleCount) else { throw .badDescriptor }
    return Int(row)
  }

  /// Opens what a path leads to; makes the file if that is asked for.
  mutating func open(
    _ client: UInt64, _ path: UInt64, _ length: UInt64, _ flags: UInt64
  ) throws(ErrorCode) -> UInt64 {
    let known: OpenFlags = [.write, .create, .truncate, .append]
    let options = OpenFlags(rawValue: flags)
    guard known.isSuperset(of: options) else { throw .invalid }
    guard options.contains(.write) || options.isDisjoint(with: [.truncate, .append]) else { throw .invalid }
    guard !isReadOnly || !options.contains(.write) else { throw .readOnly }
    let row = try freeRow()
    let end = try follow(client, path, length)
    let number: UInt32
    let kind: UInt16
    if let inode = try lookUp(end) {
      number = inode.number
      kind = inode.kind
      guard !inode.isDirectory || options.isEmpty else { throw .isDirectory }
      if options.contains(.truncate) && inode.size > 0 { try truncate(number) }
    } else {
      guard options.contains(.create) else { throw .notFound }
      guard !end.endsInSlash else { throw .isDirectory }
      kind = DiskFormat.fileKind
      number = try create(end, kind: kind)
    }
    var holders = ClientSet()
    holders.insert(client)
    handles[row] = OpenFile(holders: holders, inode: number, flags: UInt16(options.rawValue), kind: kind)
    return handle(ofRow: row)
  }

  /// The row for `handle`, if it is open and the client's own.
  func openFile(_ client: UInt64, _ handle: UInt64) throws(ErrorCode) -> OpenFile {
    let file = handles[try row(of: handle)]
    guard file.inode != 0 && file.holders.contains(client) else { throw .badDescriptor }
    return file
  }

  func freeRow() throws(ErrorCode) -> Int {
    var index = 0
    while index < FileSystem.handleCount {
      if handles[index].inode == 0 { return index }
      index += 1
    }
    throw .tooManyOpenFiles
  }

  func isOpen(_ inode: UInt32) -> Bool {
    var index = 0
    while index < FileSystem.handleCount {
      if handles[index].inode == inode { return true }
      index += 1
    }
    return false
  }

  /// Closes a handle for a client; a file that no directory names goes with its last one.
  mutating func close(_ client: UInt64, _ handle: UInt64) throws(ErrorCode) {
    let inode = try openFile(client, handle).inode
    let row = try row(of: handle)
    handles[row].holders.remove(client)
    guard handles[row].holders.isEmpty else { return }
    handles[row] = OpenFile(holders: ClientSet(), inode: 0, flags: 0, kind: 0)
    cache.beginStep()
    if !isOpen(inode), try inodeRecord(inode).links == 0 { try releaseOrphan(inode) }
  }

  /// Makes all handles of a client another one's as well.
  mutating func inherit(_ parent: UInt64, _ child: UInt64) {
    var index = 0
    while index < FileSystem.handleCount {
      if handles[index].inode != 0 && handles[index].holders.contains(parent) {
        handles[index].holders.insert(child)
      }
      index += 1
    }
  }

  /// Closes all handles of a client.
  ///
  /// What then cannot be freed is left for the next mount.
  mutating func forget(_ client: UInt64) {
    var index = 0
    while index < FileSystem.handleCount {
      if handles[index].inode != 0 && handles[index].holders.contains(client) {
        do throws(ErrorCode) { try close(client, handle(ofRow: index)) } catch {}
      }
      index += 1
    }
  }
}
