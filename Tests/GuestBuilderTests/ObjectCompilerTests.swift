// Objects: their entry points, their section names, what is built again, and how mistakes are reported.

import Foundation
import Testing

@testable import GuestBuilder

@Suite struct ObjectCompilerTests {
  let fixture: Fixture

  init() throws { fixture = try Fixture() }

  private func problemOf(_ folder: String) -> String? {
    do throws(GuestBuildError) {
      _ = try fixture.compiler.compile([ObjectReference(kind: .service, folder: folder)])
      return nil
    } catch {
      return error.description
    }
  }

  @Test func onlyEntryPointsAreGlobal() throws {
    let object = try Fixture.read(try fixture.compiler.compile([Fixture.driver])[0].file)
    let visible = object.symbols.filter { $0.binding != .local && $0.isDefined }.map(\.name)
    #expect(Set(visible) == ["adder_add", "adder_unused"])
    #expect(object.symbols.contains { $0.binding == .local && $0.name == "swift_release" })
    #expect(object.symbols.contains { $0.binding == .global && $0.name == "adder_scale" && !$0.isDefined })
  }

  @Test func weakFunctionsBecomePrivate() throws {
    let object = try Fixture.read(try fixture.compiler.compile([Fixture.kernel])[0].file)
    let symbol = try #require(object.symbols.first { $0.name == "shared_by_accident" })
    #expect(symbol.binding == .local)
    #expect(
      Set(object.entryPoints.map(\.name)) == ["reset", "task_records", "kernel_limit", "adder_scale", "kernel_main"])
  }

  @Test func sectionsCarryTheComponentsName() throws {
    let objects = try fixture.compiler.compile([Fixture.kernel, Fixture.driver])
    for object in objects {
      for section in try Fixture.read(object.file).sections where section.isAllocated && section.size > 0 {
        let isMarked = [".text", ".rodata", ".data", ".bss"].contains { section.name.hasPrefix("\($0).\(object.name)") }
        #expect(isMarked || ObjectFinisher.fixedSections.contains(section.name), "\(section.name)")
      }
    }
  }

  @Test func eachFunctionKeepsASectionOfItsOwn() throws {
    let object = try Fixture.read(try fixture.compiler.compile([Fixture.kernel])[0].file)
    let names = Set(object.sections.map(\.name))
    #expect(names.isSuperset(of: [".text.kernel.kernel_main", ".text.kernel.adder_scale", ".text.reset"]))
  }

  @Test func aMissingFolderIsNamedWithItsNeighbors() throws {
    let problem = try #require(problemOf("Components/addr"))
    #expect(problem.contains("Components/addr: there is no such folder"))
    #expect(problem.contains("Components has adder"))
  }

  @Test func aFolderWithoutSourcesIsNamed() throws {
    try fixture.write("nothing", to: "Guests/Components/empty/notes.txt")
    #expect(try #require(problemOf("Components/empty")).contains("nothing to compile"))
  }

  @Test func aCompilersDiagnosticsAreReported() throws {
    try fixture.write("int broken(void) { return missing; }", to: "Guests/Components/broken/broken.c")
    let problem = try #require(problemOf("Components/broken"))
    #expect(problem.contains("Components/broken/broken.c: clang failed with status 1"))
    #expect(problem.contains("use of undeclared identifier 'missing'"))
  }

  @Test func aWarningOfTheSwiftCompilerIsAnError() throws {
    try fixture.write("@c public func warned() { var unused = 1 }", to: "Guests/Components/warned/Warned.swift")
    #expect(try #require(problemOf("Components/warned")).contains("was never used"))
  }

  @Test func allObjectsThatFailAreReported() throws {
    try fixture.write("int one(void) { return missing_one; }", to: "Guests/Components/one/one.c")
    try fixture.write("int two(void) { return missing_two; }", to: "Guests/Components/two/two.c")
    let references = ["one", "two"].map { ObjectReference(kind: .service, folder: "Components/\($0)") }
    let error = #expect(throws: GuestBuildError.self) { try fixture.compiler.compile(references) }
    let text = try #require(error).description
    #expect(text.contains("missing_one") && text.contains("missing_two"))
  }

  @Test func anObjectWithoutEntryPointsIsRefused() throws {
    try fixture.write("enum Nothing {}", to: "Guests/Components/nothing/Nothing.swift")
    #expect(try #require(problemOf("Components/nothing")).contains("no entry point"))
  }

  @Test func aSectionWithoutAPlaceIsRefused() throws {
    try fixture.write(
      "volatile int value; __attribute__((constructor)) void early(void) { value++; }",
      to: "Guests/Components/early/early.c")
    #expect(try #require(problemOf("Components/early")).contains(".init_array"))
  }

  @Test func unchangedObjectsAreNotMadeAgain() throws {
    func date() throws -> Date {
      let object = try fixture.compiler.compile([Fixture.kernel])[0].file
      return try #require(FileManager.default.attributesOfItem(atPath: object.path)[.modificationDate] as? Date)
    }
    let first = try date()
    #expect(try date() == first)
    try fixture.write("enum { SHARED_VALUE = 8 };", to: "Guests/Runtime/include/shared.h")
    #expect(try date() != first)
  }
}
