// The readers of archives and ELF files: that they read what the tools write, and that damage is an error.

import Foundation
import Testing

@testable import GuestBuilder

@Suite struct FileFormatTests {
  private func archive(_ members: [(String, String)]) throws -> [UInt8] {
    let fixture = try Fixture()
    var arguments = ["--format=gnu", "rcSD", fixture.root.appendingPathComponent("test.a").path]
    for (name, text) in members {
      try fixture.write(text, to: "members/\(name)")
      arguments.append(fixture.root.appendingPathComponent("members/\(name)").path)
    }
    try ToolRun(executable: fixture.toolchain.archiver, arguments: arguments, subject: "test.a")
      .run(log: fixture.root.appendingPathComponent("log"))
    return [UInt8](try Data(contentsOf: fixture.root.appendingPathComponent("test.a")))
  }

  @Test func anArchiveGivesBackItsMembers() throws {
    let long = "a-name-that-does-not-fit-into-the-header.o"
    let archive = try FileArchive(try archive([("a.o", "odd"), (long, "even"), ("empty", "")]))
    #expect(archive.members.map(\.name) == ["a.o", long, "empty"])
    #expect(archive.members.map { String(decoding: $0.content, as: UTF8.self) } == ["odd", "even", ""])
    #expect(archive[long].map { Array($0) } == Array("even".utf8))
    #expect(archive["b.o"] == nil)
  }

  @Test func aTruncatedArchiveIsAnError() throws {
    let bytes = try archive([("a.o", "four"), ("b.o", "eight888")])
    for length in 0..<bytes.count {
      // Without its last member, an archive is an archive.
      if [8, 8 + 60 + 4].contains(length) { continue }
      #expect(throws: FileArchive.Damaged.self) { try FileArchive(Array(bytes.prefix(length))) }
    }
  }

  @Test func aDamagedObjectNeverCrashesTheReader() throws {
    let fixture = try Fixture()
    let object = try fixture.compiler.compile([Fixture.start])[0]
    let bytes = [UInt8](try Data(contentsOf: object.file))
    for length in stride(from: 0, to: bytes.count, by: 61) {
      #expect(throws: GuestBuildError.self) { try ObjectFile(Array(bytes.prefix(length)), name: "cut") }
    }
    // Every byte of the header in turn is all ones: refused or read, but never out of bounds.
    for position in 4..<64 {
      var damaged = bytes
      damaged[position] = 0xff
      if let file = try? ObjectFile(damaged, name: "damaged") {
        for index in file.sections.indices { _ = try? file.relocations(ofSection: index) }
      }
    }
  }
}
