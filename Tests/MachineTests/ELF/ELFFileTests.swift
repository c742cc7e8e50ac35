// Executables, good and broken.

import Testing

@testable import Machine

@Suite("ELF reader")
struct ELFFileTests {
  @Test func readsEntrySegmentsSectionsAndSymbols() throws {
    let file = try ELFFile.parse(makeELF())
    #expect(file.entry == 0x8000_0004)
    let segment = try #require(file.segments.first)
    #expect(file.segments.count == 1)
    #expect(segment.address == 0x8000_0000 && segment.memorySize == 32)
    #expect(segment.permissions == [.read, .execute])
    #expect(Array(file.contents(of: segment)) == Array(0..<16))
    #expect(file.sections.map(\.name) == [".text", ".symtab", ".strtab"])
    #expect(file.section(".text")?.isExecutable == true)
    #expect(file.section(".text")?.isWritable == false)
    #expect(Array(file.contents(ofSection: ".text")) == Array(0..<16))
    #expect(file.contents(ofSection: ".missing").isEmpty)
    let main = try #require(file.symbols["main"])
    #expect(main.kind == .function && main.address == 0x8000_0000 && main.size == 16 && main.isGlobal)
  }

  @Test func headersThatAreNotForThisMachineAreNamed() {
    let changes: [(offset: Int, value: UInt8, error: ELFError)] = [
      (0, 0, .notELF), (4, 1, .wrongClass(1)), (5, 2, .wrongByteOrder(2)), (18, 62, .wrongMachine(62)),
      (16, 1, .notExecutable(type: 1)),
      (54, 55, .entryTooSmall(structure: "the program header table", size: 55, expected: 56)),
      (58, 63, .entryTooSmall(structure: "the section header table", size: 63, expected: 64)),
    ]
    for change in changes {
      var bytes = makeELF()
      bytes[change.offset] = change.value
      #expect(throws: change.error) { try ELFFile.parse(bytes) }
    }
  }

  @Test func everyTruncationIsReportedAsOne() throws {
    let bytes = makeELF()
    // The last section header ends at 0x280; what follows is padding.
    for count in 4..<0x280 {
      let error = #expect(throws: ELFError.self) { try ELFFile.parse(Array(bytes.prefix(count))) }
      guard case .truncated = error else {
        Issue.record("\(count) bytes: \(String(describing: error))")
        return
      }
    }
  }

  @Test func segmentsThatCannotBeLoadedAreRefused() {
    #expect(throws: ELFError.nothingToLoad) { try ELFFile.parse(makeELF([ProgramHeader(type: 4)])) }
    #expect(throws: ELFError.segmentLargerThanMemory(index: 0)) {
      try ELFFile.parse(makeELF([ProgramHeader(fileSize: 40)]))
    }
    #expect(throws: ELFError.segmentWraps(index: 0)) {
      try ELFFile.parse(makeELF([ProgramHeader(address: .max - 30)]))
    }
    #expect(throws: ELFError.segmentsOverlap(0, 1)) {
      try ELFFile.parse(makeELF([ProgramHeader(), ProgramHeader(address: 0x7fff_fff0)]))
    }
    #expect(throws: ELFError.truncated(structure: "segment 0", offset: .max, count: 16, fileSize: 0x300)) {
      try ELFFile.parse(makeELF([ProgramHeader(offset: .max)]))
    }
  }

  @Test func adjacentSegmentsAreFine() throws {
    let file = try ELFFile.parse(makeELF([ProgramHeader(), ProgramHeader(address: 0x7fff_ffe0)]))
    #expect(file.segments.count == 2)
  }

  @Test func randomlyDamagedFilesNeverCrash() {
    var generator = SeededGenerator(seed: 3)
    var accepted = 0
    var refused = 0
    for _ in 0..<20_000 {
      var bytes = makeELF()
      for _ in 0..<Int.random(in: 1...6, using: &generator) {
        bytes[.random(in: bytes.indices, using: &generator)] = .random(in: 0...255, using: &generator)
      }
      do {
        let file = try ELFFile.parse(bytes)
        _ = file.symbols.covering(generator.next())
        accepted += 1
      } catch {
        refused += error.description.isEmpty ? 0 : 1
      }
    }
    #expect(accepted > 500 && refused > 500)
  }
}

@Suite("Symbol table")
struct SymbolTableTests {
  private func symbol(
    _ name: String, _ address: UInt64, size: UInt64, kind: Symbol.Kind = .function, isGlobal: Bool = true
  ) -> Symbol {
    Symbol(name: name, address: address, size: size, kind: kind, isGlobal: isGlobal)
  }

  @Test func addressBelongsToTheSymbolThatCoversIt() {
    let table = SymbolTable([
      symbol("b", 0x20, size: 0x10), symbol("a", 0x10, size: 8), symbol("label", 0x24, size: 0, kind: .other),
      symbol("tail", 0x40, size: 0, kind: .other),
    ])
    #expect(table.covering(0x0f)?.symbol.name == nil)
    #expect(table.covering(0x13)?.symbol.name == "a")
    #expect(table.covering(0x13)?.offset == 3)
    #expect(table.covering(0x18) == nil)
    #expect(table.covering(0x28)?.symbol.name == "b")
    #expect(table.covering(0x44)?.symbol.name == "tail")
  }

  @Test func globalSymbolHidesLocalOnesOfItsName() {
    let table = SymbolTable([
      symbol("f", 0x10, size: 4, isGlobal: false), symbol("f", 0x20, size: 4), symbol("f", 0x30, size: 4),
    ])
    #expect(table["f"]?.address == 0x20)
    #expect(table["g"] == nil)
  }
}
