// The images that are built with the package.

import GuestImages
import Testing

@testable import GuestBuilder

@Suite struct BundledImageTests {
  @Test func thereAreStructuresToBoot() {
    #expect(!GuestImages.structures.isEmpty)
  }

  @Test(arguments: GuestImages.structures)
  func anImageIsComplete(structure: String) throws {
    let image = try GuestImages.image(of: structure)
    #expect(image.manifest.structure == structure)
    #expect(Set(image.manifest.programs + image.manifest.modules) == Set(image.programs.keys))
    let kernel = try ObjectFile(image.kernel, name: structure)
    let places = Set(image.manifest.components.map(\.image))
    #expect(places == Set(image.manifest.programs + image.manifest.modules + ["kernel"]))
    for component in image.manifest.components where component.image == "kernel" {
      for entryPoint in component.entryPoints {
        let symbol = try #require(kernel.symbols.first { $0.name == entryPoint && $0.binding == .global })
        let section = kernel.sections[Int(symbol.section)].name
        #expect([".text.\(component.name)", ".text.reset"].contains(section), "\(entryPoint) is in \(section)")
      }
    }
  }

  @Test(arguments: GuestImages.structures)
  func everyFunctionHasItsObjectsBytes(structure: String) throws {
    let image = try GuestImages.image(of: structure)
    let objects = try GuestImages.components()
    var files = ["kernel": try ObjectFile(image.kernel, name: structure)]
    for (name, bytes) in image.programs { files[name] = try ObjectFile(bytes, name: name) }
    for component in image.manifest.components {
      let object = try ObjectFile(try #require(objects[component.name]), name: component.name)
      let comparison = try SameCode.compare(
        component: object, name: component.name, image: try #require(files[component.image]))
      #expect(comparison.differences.isEmpty, "\(component.name) in \(component.image)")
      if !component.entryPoints.isEmpty, component.kind != "runtime" {
        #expect(comparison.functions > 0, "\(component.name) in \(component.image)")
      }
    }
  }

  @Test func theDiskIsBundled() throws {
    let disk = try GuestImages.disk()
    #expect(disk.count.isMultiple(of: 512))
    #expect(disk.prefix(4096).contains { $0 != 0 })
  }

  @Test func anUnknownStructureIsRefusedWithTheOnesThereAre() {
    #expect(throws: GuestImageError.unknownStructure("unikernle", available: GuestImages.structures)) {
      try GuestImages.image(of: "unikernle")
    }
  }
}
