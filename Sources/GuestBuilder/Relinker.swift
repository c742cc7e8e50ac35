// Linking an image again at run time, from objects that were compiled when the package was built.
//
// Needs the toolchain's linker and assembler, nothing else: no sources, no compiler. Work files are temporary.

import Foundation

/// An image that was linked at run time.
public struct RelinkedImage: Sendable {
  /// Which objects went where.
  public var manifest: ImageManifest
  /// The kernel's ELF file, with symbols and line tables.
  public var kernel: [UInt8]
  /// The programs' ELF files by name.
  public var programs: [String: [UInt8]]
}

/// Links recipes from objects in memory.
public struct Relinker: Sendable {
  private let toolchain: Toolchain
  private let objects: [String: [UInt8]]

  /// Makes a linker.
  ///
  /// - Parameters:
  ///   - toolchain: Whose linker is used.
  ///   - objects: The components' objects by name.
  public init(toolchain: Toolchain, objects: [String: [UInt8]]) {
    self.toolchain = toolchain
    self.objects = objects
  }

  /// Links a recipe.
  ///
  /// - Throws: `GuestBuildError`; undefined symbols with the linker's own words.
  public func link(_ recipe: Recipe, options: LinkOptions = LinkOptions()) throws(GuestBuildError) -> RelinkedImage {
    try recipe.validate(name: recipe.structure)
    let work = FileManager.default.temporaryDirectory.appendingPathComponent("kernelarium-link-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: work) }
    let cache = BuildCache(folder: work)
    var compiled: [CompiledObject] = []
    for reference in recipe.objects {
      let bytes = try object(reference)
      let file = try cache.url("objects/\(reference.name).o")
      try writeFile(Data(bytes), to: file)
      // Nothing is taken from an earlier link, so the hash tells nothing.
      compiled.append(CompiledObject(name: reference.name, file: file, hash: InputHash()))
    }
    let image = try ImageLinker(toolchain: toolchain, work: work).link(recipe, objects: compiled, options: options)
    var programs: [String: [UInt8]] = [:]
    for program in image.programs { programs[program.lastPathComponent] = [UInt8](try readFile(program)) }
    return RelinkedImage(
      manifest: image.manifest, kernel: [UInt8](try readFile(image.kernel)), programs: programs)
  }

  /// The references between the objects of a recipe's kernel.
  ///
  /// - Throws: `GuestBuildError` when an object is missing.
  public func graph(of recipe: Recipe, options: LinkOptions = LinkOptions()) throws(GuestBuildError) -> LinkGraph {
    var kernel: [(name: String, bytes: [UInt8])] = []
    for reference in recipe.kernel { kernel.append((reference.name, try object(reference))) }
    return try LinkGraph(objects: kernel, options: options)
  }

  /// The functions of other objects that an object calls.
  ///
  /// - Throws: `GuestBuildError` when there is no such object.
  public func imports(of reference: ObjectReference) throws(GuestBuildError) -> Set<String> {
    let file = try ObjectFile(try object(reference), name: reference.name)
    return Set(file.symbols.filter { $0.section == 0 && $0.binding == .global }.map(\.name))
  }

  func object(_ reference: ObjectReference) throws(GuestBuildError) -> [UInt8] {
    guard let bytes = objects[reference.name] else {
      throw GuestBuildError.object(
        name: reference.folder, problem: "there is no object \(reference.name)",
        hint: "objects are \(objects.keys.sorted().joined(separator: ", "))")
    }
    return bytes
  }
}
