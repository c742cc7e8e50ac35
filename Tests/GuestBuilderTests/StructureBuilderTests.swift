// The build as a whole: what it writes, and mistakes that only show among several recipes.

import Foundation
import Testing

@testable import GuestBuilder

@Suite struct StructureBuilderTests {
  let fixture: Fixture

  init() throws { fixture = try Fixture() }

  private func build(_ recipes: [String: Recipe]) throws -> URL {
    let output = fixture.root.appendingPathComponent("output")
    try FileManager.default.createDirectory(at: output, withIntermediateDirectories: true)
    try fixture.write("Hello\n", to: "Disk/etc/motd")
    var files: [URL] = []
    for (name, recipe) in recipes {
      let text = String(decoding: try JSONEncoder().encode(recipe), as: UTF8.self)
      try fixture.write(text, to: "Structures/\(name).json")
      files.append(fixture.root.appendingPathComponent("Structures/\(name).json"))
    }
    try StructureBuilder(toolchain: fixture.toolchain, tree: fixture.tree, work: fixture.work)
      .build(recipes: files, disk: fixture.root.appendingPathComponent("Disk"), output: output)
    return output
  }

  private func problemOf(_ recipes: [String: Recipe]) -> String {
    do {
      _ = try build(recipes)
      return ""
    } catch {
      return "\(error)"
    }
  }

  @Test func exactlyTheDeclaredFilesAreWritten() throws {
    let output = try build(["inside": Fixture.inside, "outside": Fixture.outside])
    let files = try FileManager.default.contentsOfDirectory(atPath: output.path).sorted()
    #expect(
      files == [
        "components-unchecked.a", "components.a", "disk.img", "inside.elf", "inside.json", "inside.programs",
        "inside.recipe", "outside.elf", "outside.json",
        "outside.programs", "outside.recipe",
      ])
    func members(_ name: String) throws -> [String] {
      try FileArchive([UInt8](try Data(contentsOf: output.appendingPathComponent(name)))).members.map(\.name)
    }
    #expect(try members("outside.programs") == ["adder", "hello"])
    #expect(
      try members("components.a") == [
        "adder-server.o", "adder-stub.o", "adder.o", "hello.o", "kernel.o", "quiet.o", "start.o",
      ])
  }

  @Test func aRecipeInAFileOfAnotherNameIsRefused() {
    #expect(problemOf(["elsewhere": Fixture.inside]).contains("describes the structure inside"))
  }

  @Test func twoRecipesCannotMeanDifferentObjectsByOneName() {
    let other = Recipe(structure: "other", kernel: [ObjectReference(kind: .driver, folder: "Old/adder")])
    #expect(problemOf(["inside": Fixture.inside, "other": other]).contains("have the same name"))
  }
}
