// Writes the boot archive: the linked programs, as GuestABI's Archive.swift lays them out.

import GuestABI

/// Makes boot archives.
enum BootArchive {
  /// One linked program.
  struct Program {
    var name: String
    var image: ObjectFile
    var rights: ArchiveRights
  }

  /// The archive's bytes.
  ///
  /// - Throws: `GuestBuildError.object` when a program does not have at most one segment of each kind.
  static func bytes(of programs: [Program]) throws(GuestBuildError) -> [UInt8] {
    var segments: [UInt8] = []
    var entries: [UInt8] = []
    let segmentsStart = paged(UInt64(ArchiveHeader.stride + programs.count * ArchiveEntry.stride))

    func place(_ segment: ObjectFile.Segment?, of program: Program) throws(GuestBuildError) {
      guard let segment, segment.memorySize > 0 else {
        entries.append(contentsOf: [UInt8](repeating: 0, count: 32))
        return
      }
      guard segment.address.isMultiple(of: Layout.pageSize), segment.fileSize <= segment.memorySize,
        segment.offset <= UInt64(program.image.bytes.count),
        segment.fileSize <= UInt64(program.image.bytes.count) - segment.offset
      else { throw malformed(program, "a segment is not page aligned or lies outside the file") }
      let start = Int(segment.offset)
      for value in [segmentsStart + UInt64(segments.count), segment.fileSize, segment.address, segment.memorySize] {
        entries.append(littleEndian: value)
      }
      segments.append(contentsOf: program.image.bytes[start..<(start + Int(segment.fileSize))])
      segments.append(contentsOf: [UInt8](repeating: 0, count: Int(paged(UInt64(segments.count))) - segments.count))
    }

    for program in programs {
      let loaded = program.image.segments
      let text = loaded.filter(\.isExecutable)
      let data = loaded.filter { $0.isWritable && !$0.isExecutable }
      let constants = loaded.filter { !$0.isWritable && !$0.isExecutable }
      guard text.count == 1, data.count <= 1, constants.count <= 1, !text[0].isWritable else {
        throw malformed(program, "expected one segment of text and at most one each of constants and data")
      }
      let name = Array(program.name.utf8)
      guard name.count <= Recipe.maximumProgramName else { throw malformed(program, "the name is too long") }
      entries.append(contentsOf: name + [UInt8](repeating: 0, count: 16 - name.count))
      entries.append(littleEndian: program.image.entry)
      try place(text.first, of: program)
      try place(constants.first, of: program)
      try place(data.first, of: program)
      for word in program.rights.words { entries.append(littleEndian: word) }
    }

    var archive: [UInt8] = []
    archive.append(littleEndian: ArchiveHeader.expectedMagic)
    archive.append(littleEndian: UInt32(programs.count))
    archive.append(littleEndian: segmentsStart + UInt64(segments.count))
    archive.append(contentsOf: entries)
    archive.append(contentsOf: [UInt8](repeating: 0, count: Int(segmentsStart) - archive.count))
    return archive + segments
  }

  private static func paged(_ size: UInt64) -> UInt64 {
    (size + Layout.pageSize - 1) / Layout.pageSize * Layout.pageSize
  }

  private static func malformed(_ program: Program, _ problem: String) -> GuestBuildError {
    .object(name: "program \(program.name)", problem: problem, hint: "programs are linked by LinkerScript.program only")
  }
}

extension [UInt8] {
  fileprivate mutating func append(littleEndian value: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
  }
}
