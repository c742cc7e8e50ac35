// Images: where things lie, what the boot archive holds, and that a component's code is the same everywhere.

import Foundation
import GuestABI
import Testing

@testable import GuestBuilder

@Suite struct ImageLinkerTests {
  let fixture: Fixture

  init() throws { fixture = try Fixture() }

  private func value(_ name: String, in image: ObjectFile) throws -> UInt64 {
    try #require(image.symbols.first { $0.name == name && $0.binding == .global }, "\(name)").value
  }

  private func problemOf(_ recipe: Recipe) -> String {
    do {
      _ = try fixture.link(recipe)
      return ""
    } catch {
      return "\(error)"
    }
  }

  @Test func aKernelLiesWhereTheLayoutSays() throws {
    let image = try Fixture.read(try fixture.link(Fixture.inside).kernel)
    #expect(try value("reset", in: image) == Layout.imageBase)
    #expect(image.entry == Layout.imageBase)
    #expect(try value("task_records", in: image) == Layout.taskRecords)
    let borders = [
      "__text_start", "__text_end", "__rodata_start", "__rodata_end", "__archive_start", "__archive_end",
      "__data_start", "__data_end", "__bss_start", "__bss_end", "__image_end",
    ]
    var values: [UInt64] = []
    for border in borders { values.append(try value(border, in: image)) }
    #expect(values == values.sorted())
    for (border, value) in zip(borders, values) where border.hasSuffix("_start") || border == "__image_end" {
      #expect(value.isMultiple(of: Layout.pageSize), "\(border)")
    }
    #expect(values[0] >= Layout.taskRecords + Layout.pageSize)
    for name in ["__text", "__rodata", "__archive", "__data", "__bss"] {
      #expect(try value("\(name)_start", in: image) < value("\(name)_end", in: image), "\(name)")
    }
  }

  @Test func segmentsHaveTheRightsOfTheirContent() throws {
    let image = try Fixture.read(try fixture.link(Fixture.inside).kernel)
    for segment in image.segments {
      for section in image.sections
      where section.isAllocated && (segment.address..<(segment.address + segment.memorySize)).contains(section.address)
      {
        #expect(segment.isExecutable == section.name.hasPrefix(".text"), "\(section.name)")
        let isWritable = [".data", ".bss", ".taskrecords"].contains { section.name.hasPrefix($0) }
        #expect(segment.isWritable == isWritable, "\(section.name)")
      }
    }
    #expect(image.segments.count == 6)
  }

  @Test func eachComponentHasSectionsOfItsOwn() throws {
    let image = try Fixture.read(try fixture.link(Fixture.inside).kernel)
    let names = Set(image.sections.map(\.name))
    #expect(names.isSuperset(of: [".text.kernel", ".text.adder", ".rodata.kernel", ".data.kernel", ".bss.kernel"]))
    let add = try #require(image.symbols.first { $0.name == "adder_add" })
    #expect(image.sections[Int(add.section)].name == ".text.adder")
  }

  @Test func whatNobodyUsesIsLeftOut() throws {
    let linked = try fixture.link(Fixture.inside)
    let image = try Fixture.read(linked.kernel)
    #expect(
      !image.symbols.contains { ["adder_unused", "swift_release", "_swift_exceptionPersonality"].contains($0.name) })
    let row = try #require(linked.manifest.components.first { $0.name == "adder" })
    #expect(row == .init(name: "adder", kind: "driver", image: "kernel", entryPoints: ["adder_add"]))
  }

  @Test func variablesOfOtherComponentsAreReachedThroughConstants() throws {
    try fixture.write(
      "module Shared { header \"shared.h\" }", to: "Guests/Runtime/include/module.modulemap")
    try fixture.write(
      "extern int shared_counter __attribute__((swift_attr(\"nonisolated(unsafe)\")));",
      to: "Guests/Runtime/include/shared.h")
    try fixture.write(
      "import Shared\n@c public func adder_add() { shared_counter &+= 1 }",
      to: "Guests/Components/reader/Reader.swift")
    try fixture.write(
      """
      extern void adder_add(void);
      int shared_counter = 1;
      __attribute__((section(".text.reset"))) void reset(void) { adder_add(); }
      """, to: "Guests/Runtime/owner/owner.c")
    let recipe = Recipe(
      structure: "shared",
      kernel: [
        ObjectReference(kind: .runtime, folder: "Runtime/owner"),
        ObjectReference(kind: .service, folder: "Components/reader"),
      ])
    let image = try Fixture.read(try fixture.link(recipe).kernel)
    let table = try #require(image.sections.first { $0.name == ".rodata.addresses" })
    #expect(try value("__rodata_start", in: image) <= table.address)
    #expect(try value("__rodata_end", in: image) >= table.address + table.size)
    #expect(!image.sections.contains { $0.name == ".got" })
  }

  @Test func theManifestSaysWhatWentWhere() throws {
    let manifest = try fixture.link(Fixture.outside).manifest
    #expect(manifest.structure == "outside")
    #expect(manifest.programs == ["adder", "hello"])
    #expect(
      manifest.components.map { "\($0.image): \($0.kind) \($0.name)" } == [
        "kernel: runtime kernel", "kernel: stub adder-stub", "adder: runtime start", "adder: driver adder",
        "adder: server adder-server", "hello: runtime start", "hello: program hello",
      ])
  }

  @Test func theBootArchiveCarriesTheRightsOfServersOnly() throws {
    let linked = try fixture.link(Fixture.outside)
    let kernel = try Fixture.read(linked.kernel)
    let section = try #require(kernel.sections.first { $0.name == ".archive" })
    let archive = [UInt8](try kernel.content(of: section))
    func rights(_ index: Int) -> [UInt8] {
      let start = ArchiveHeader.stride + index * ArchiveEntry.stride + ArchiveEntry.rightsOffset
      return Array(archive[start..<(start + 16)])
    }
    // Service 9 (kv), no device; calls to 4 (fs) and 5 (blk).
    #expect(rights(0) == [9, 0, 0, 0, 0, 0, 0, 0, 1 << 4 | 1 << 5, 0, 0, 0, 0, 0, 0, 0])
    #expect(rights(1).allSatisfy { $0 == 0 })
  }

  @Test func theBootArchiveHoldsTheProgramsSegments() throws {
    let linked = try fixture.link(Fixture.inside)
    let kernel = try Fixture.read(linked.kernel)
    let section = try #require(kernel.sections.first { $0.name == ".archive" })
    let archive = [UInt8](try kernel.content(of: section))
    func word(_ offset: Int) -> UInt64 { archive[offset..<(offset + 8)].reversed().reduce(0) { $0 << 8 | UInt64($1) } }

    #expect(UInt32(truncatingIfNeeded: word(0)) == ArchiveHeader.expectedMagic)
    #expect(word(0) >> 32 == 2)
    #expect(word(8) == UInt64(archive.count))
    for (index, file) in linked.programs.enumerated() {
      let program = try Fixture.read(file)
      let entry = ArchiveHeader.stride + index * ArchiveEntry.stride
      let name = archive[entry..<(entry + 16)].prefix { $0 != 0 }
      #expect(String(decoding: name, as: UTF8.self) == file.lastPathComponent)
      #expect(word(entry + 16) == program.entry)
      let kinds: [(ObjectFile.Segment) -> Bool] = [
        \.isExecutable, { !$0.isExecutable && !$0.isWritable }, { $0.isWritable },
      ]
      for (kind, belongs) in kinds.enumerated() {
        let row = entry + 24 + kind * 32
        guard let segment = program.segments.first(where: belongs) else {
          #expect(word(row + 24) == 0)
          continue
        }
        #expect(word(row).isMultiple(of: Layout.pageSize))
        #expect(word(row + 8) == segment.fileSize)
        #expect(word(row + 16) == segment.address)
        #expect(word(row + 24) == segment.memorySize)
        let start = Int(word(row))
        let content = program.bytes[Int(segment.offset)..<Int(segment.offset + segment.fileSize)]
        #expect(archive[start..<(start + content.count)] == content)
      }
    }
    let hello = try Fixture.read(linked.programs[0])
    #expect(hello.segments.count == 3)
    #expect(hello.segments.allSatisfy { $0.address.isMultiple(of: Layout.pageSize) })
    #expect(hello.segments.map(\.address).min() == Layout.programBase)
    #expect(hello.segments.last.map { $0.memorySize > $0.fileSize } == true)
  }

  @Test func aFunctionHasTheSameBytesInEveryImage() throws {
    var functions = 0
    var places = 0
    for recipe in [Fixture.inside, Fixture.outside] {
      let linked = try fixture.link(recipe)
      let objects = try fixture.compiler.compile([Fixture.driver])
      let component = try Fixture.read(objects[0].file)
      for file in [linked.kernel] + linked.programs {
        let comparison = try SameCode.compare(component: component, name: "adder", image: try Fixture.read(file))
        #expect(comparison.differences.isEmpty)
        functions += comparison.functions
        places += comparison.functions > 0 ? 1 : 0
      }
    }
    #expect(places == 2)
    #expect(functions >= 4)
  }

  @Test func aChangedInstructionIsNoticed() throws {
    let linked = try fixture.link(Fixture.inside)
    let component = try Fixture.read(try fixture.compiler.compile([Fixture.driver])[0].file)
    let image = try Fixture.read(linked.kernel)
    let add = try #require(image.symbols.first { $0.name == "adder_add" })
    let section = image.sections[Int(add.section)]
    var bytes = image.bytes
    bytes[Int(section.offset + add.value - section.address)] ^= 0x80
    let changed = try ObjectFile(bytes, name: "changed")
    let comparison = try SameCode.compare(component: component, name: "adder", image: changed)
    #expect(comparison.differences == ["adder_add"])
  }

  @Test func equalSourcesMakeEqualImagesInAnyFolder() throws {
    let other = try Fixture()
    let first = try fixture.link(Fixture.outside)
    let second = try other.link(Fixture.outside)
    #expect(try Data(contentsOf: first.kernel) == Data(contentsOf: second.kernel))
    for (one, two) in zip(first.programs, second.programs) {
      #expect(try Data(contentsOf: one) == Data(contentsOf: two))
    }
  }

  @Test func anUndefinedSymbolIsReportedInTheLinkersWords() {
    let problem = problemOf(Recipe(structure: "alone", kernel: [Fixture.kernel]))
    #expect(problem.contains("alone, kernel: ld.lld failed") && problem.contains("undefined symbol: adder_add"))
  }

  @Test func twoObjectsWithOneEntryPointAreRefused() {
    let stub = ObjectReference(kind: .stub, folder: "Transport/adder-stub")
    let problem = problemOf(Recipe(structure: "twice", kernel: [Fixture.kernel, Fixture.driver, stub]))
    #expect(problem.contains("duplicate symbol: adder_add"))
  }

  @Test func aKernelThatDoesNotBeginWithItsResetIsRefused() throws {
    try fixture.write(
      ".section .text.reset, \"ax\", @progbits\n.globl early, reset\nearly: nop\nreset: j reset\n",
      to: "Guests/Runtime/late/late.S")
    let late = ObjectReference(kind: .runtime, folder: "Runtime/late")
    #expect(problemOf(Recipe(structure: "late", kernel: [late])).contains("`reset` is at 0x8000000"))
  }

  @Test func aResetThatIsTooLongIsRefused() throws {
    try fixture.write(
      ".section .text.reset, \"ax\", @progbits\n.globl reset\nreset: j reset\n.zero 4096\n",
      to: "Guests/Runtime/long/long.S")
    let long = ObjectReference(kind: .runtime, folder: "Runtime/long")
    #expect(problemOf(Recipe(structure: "long", kernel: [long])).contains("reaches into the task records"))
  }

  @Test func aLinkerGetsOnlyObjectsThatExist() throws {
    let objects = try fixture.compiler.compile([Fixture.kernel])
    let error = #expect(throws: GuestBuildError.self) { try fixture.linker.link(Fixture.inside, objects: objects) }
    #expect(try #require(error).description.contains("there is no object"))
  }
}
