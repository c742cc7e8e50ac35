// Modules, administrators and alternatives in recipes, and modules linked against a kernel.

import Foundation
import GuestABI
import Testing

@testable import GuestBuilder

@Suite struct RecipeModuleTests {
  private let text = """
    {
      "structure": "demo",
      "kernel": [{"runtime": "Runtime/kernel"}, {"driver": "Components/blk"}],
      "servers": [{"name": "blk", "device": "block", "objects": [{"driver": "Components/blk"}]}],
      "programs": ["Programs/agent", "Programs/service"],
      "modules": [{"name": "kv", "objects": [{"service": "Components/kv"}]}],
      "administrators": {"agent": ["pm"], "service": ["reinc"]},
      "alternatives": [{"driver": "Components/sdisk"}]
    }
    """

  private func recipe(replacing old: String = "", with new: String = "") throws -> Recipe {
    try Recipe(json: Data((old.isEmpty ? text : text.replacing(old, with: new)).utf8), name: "demo.json")
  }

  @Test func modulesAndAlternativesAreBuiltButModulesOnlyAreCarried() throws {
    let recipe = try recipe()
    #expect(recipe.objects.map(\.name) == ["kernel", "blk", "agent", "service", "kv", "sdisk"])
    #expect(recipe.programImages.map(\.name) == ["blk", "agent", "service"])
    #expect(recipe.moduleImages.map(\.name) == ["kv"])
    #expect(recipe.moduleImages[0].rights.flags == ArchiveFlags.kernelModule.rawValue)
    #expect(try Recipe(json: JSONEncoder().encode(recipe), name: "again") == recipe)
  }

  @Test func administratorsHaveTheirRightInTheUpperHalf() throws {
    let rights = try recipe().programImages.map(\.rights.calls)
    #expect(rights == [0, 1 << (32 + Service.pm.rawValue), 1 << (32 + Service.reinc.rawValue)])
    // No service has number 0: that bit stands for the kernel's modules.
    let modules = try recipe(replacing: "[\"reinc\"]", with: "[\"modules\"]").programImages.last?.rights.calls
    #expect(modules == 1 << 32)
    #expect(throws: GuestBuildError.self) { try recipe(replacing: "[\"reinc\"]", with: "[\"nothing\"]") }
  }

  @Test func anAlternativeTakesAnObjectsPlaceAndItsServersDevice() throws {
    let changed = try recipe().replacing("blk", with: "sdisk")
    #expect(changed.kernel.map(\.folder) == ["Runtime/kernel", "Components/sdisk"])
    #expect(changed.servers[0].objects.map(\.name) == ["sdisk"])
    #expect(changed.servers[0].device == "simpleDisk")
    #expect(throws: GuestBuildError.self) { try recipe().replacing("blk", with: "kv") }
    #expect(throws: GuestBuildError.self) { try recipe().replacing("fs", with: "sdisk") }
  }

  @Test(arguments: [
    ("\"name\": \"kv\"", "\"name\": \"agent\"", "two images called agent"),
    ("\"name\": \"kv\"", "\"name\": \"k v\"", "cannot be a module"),
    ("\"agent\": [\"pm\"]", "\"nobody\": [\"pm\"]", "nobody is no program"),
    ("[\"reinc\"]", "[\"root\"]", "no service root"),
    ("\"modules\": [{\"name\"", "\"modules\": [{\"title\"", "unknown field \"title\""),
  ]) func aMistakeIsNamed(old: String, new: String, expected: String) throws {
    do throws(GuestBuildError) {
      _ = try Recipe(json: Data(text.replacing(old, with: new).utf8), name: "demo.json")
      Issue.record("it was accepted")
    } catch {
      #expect(error.description.contains(expected), "\(error.description)")
    }
  }

  @Test func aModuleIsLinkedToItsOwnPlaceAgainstTheFinalKernel() throws {
    let fixture = try Fixture()
    try fixture.write(
      """
      extern unsigned long adder_add(void *driver, unsigned long value);
      long module_init(void) { return (long)adder_add(0, 1); }
      """, to: "Guests/Modules/extra/extra.c")
    var recipe = Fixture.inside
    recipe.modules = [
      Recipe.Module(name: "extra", objects: [ObjectReference(kind: .service, folder: "Modules/extra")])
    ]
    let image = try fixture.link(recipe)
    #expect(image.manifest.modules == ["extra"])
    let module = try Fixture.read(try #require(image.programs.last))
    #expect(module.entry == Layout.moduleBase)
    #expect(module.segments.allSatisfy { $0.address >= Layout.moduleBase && $0.address < Layout.moduleEnd })
    let kernel = try LinkedModules.functions(of: image.kernel)
    let told = try LinkedModules.functions(of: try #require(image.programs.last))
    #expect(kernel["adder_add"] != nil && told["module_init"] == Layout.moduleBase)
    let absolute = module.symbols.first { $0.name == "adder_add" }
    #expect(absolute?.value == kernel["adder_add"])
  }
}
