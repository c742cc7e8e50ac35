// Everything that the package's build does with guests: recipes and sources in, the files that are bundled out.

import Foundation

/// Builds all structures.
public struct StructureBuilder: Sendable {
  let toolchain: Toolchain
  let tree: GuestTree
  let work: URL

  /// Makes a builder.
  ///
  /// - Parameter work: A folder that belongs to the builder.
  public init(toolchain: Toolchain, tree: GuestTree, work: URL) {
    self.toolchain = toolchain
    self.tree = tree
    self.work = work.standardizedFileURL
  }

  /// Builds the structures of some recipes into a folder.
  ///
  /// For each structure: `NAME.elf` (the kernel), `NAME.programs` (an archive of its programs' ELF files) and
  /// `NAME.json` (its `ImageManifest`) and `NAME.recipe` (the recipe itself); for all together `components.a` (the
  /// objects), `components-unchecked.a` (those that a unikernel can be linked from, without run-time checks) and
  /// `disk.img`.
  ///
  /// - Parameters:
  ///   - recipes: Recipe files, each called by its structure's name.
  ///   - disk: The folder whose content is on the disk.
  ///   - output: The folder, which exists.
  /// - Throws: `GuestBuildError`.
  public func build(recipes: [URL], disk: URL, output: URL) throws(GuestBuildError) {
    var structures: [Recipe] = []
    for file in recipes {
      let recipe = try Recipe(json: try readFile(file), name: file.lastPathComponent)
      guard file.deletingPathExtension().lastPathComponent == recipe.structure else {
        throw GuestBuildError.recipe(
          name: file.lastPathComponent, problem: "it describes the structure \(recipe.structure)",
          hint: "a recipe's file is called by its structure's name")
      }
      structures.append(recipe)
    }
    try writeFile(Data(try diskImage(from: disk)), to: output.appendingPathComponent("disk.img"))
    let references = try union(of: structures)
    let objects = try ObjectCompiler(toolchain: toolchain, tree: tree, work: work).compile(references)
    try archive(objects.map(\.file).sorted { $0.path < $1.path }, to: output.appendingPathComponent("components.a"))

    let unchecked = try ObjectCompiler(
      toolchain: toolchain, tree: tree, work: work.appendingPathComponent("unchecked"), checks: false
    ).compile(Self.unikernelObjects(of: structures, among: references))
    try archive(
      unchecked.map(\.file).sorted { $0.path < $1.path }, to: output.appendingPathComponent("components-unchecked.a"))

    let linker = ImageLinker(toolchain: toolchain, work: work)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    for recipe in structures {
      let image = try linker.link(recipe, objects: objects)
      let base = output.appendingPathComponent(recipe.structure)
      try writeFile(try readFile(image.kernel), to: base.appendingPathExtension("elf"))
      try archive(image.programs, to: base.appendingPathExtension("programs"))
      do {
        try writeFile(try encoder.encode(recipe), to: base.appendingPathExtension("recipe"))
        try writeFile(try encoder.encode(image.manifest), to: base.appendingPathExtension("json"))
      } catch let error as GuestBuildError {
        throw error
      } catch {
        throw GuestBuildError.file(path: base.path, problem: "its manifest cannot be encoded: \(error)")
      }
    }
  }

  /// All objects of all recipes, each once.
  ///
  /// One name stands for one folder in all of them.
  private func union(of recipes: [Recipe]) throws(GuestBuildError) -> [ObjectReference] {
    var folders: [String: String] = [:]
    var references: [ObjectReference] = []
    for recipe in recipes {
      for object in recipe.objects {
        if let folder = folders.updateValue(object.folder, forKey: object.name) {
          guard folder == object.folder else {
            throw GuestBuildError.recipe(
              name: recipe.structure, problem: "\(object.folder) and another recipe's \(folder) have the same name",
              hint: "rename one of the folders")
          }
        } else {
          references.append(object)
        }
      }
    }
    return references
  }

  /// What may stand in the kernel of a structure with an application of its own: its objects, and all programs.
  private static func unikernelObjects(
    of structures: [Recipe], among references: [ObjectReference]
  ) -> [ObjectReference] {
    let kernels = Set(structures.filter { $0.application != nil }.flatMap(\.objects))
    guard !kernels.isEmpty else { return [] }
    return references.filter { kernels.contains($0) || $0.kind == .program }
  }

  private func diskImage(from folder: URL) throws(GuestBuildError) -> [UInt8] {
    do throws(DiskImageError) {
      return try DiskImageBuilder.image(from: folder, adding: [.scan])
        + [UInt8](repeating: 0, count: DiskImageBuilder.tailSize)
    } catch {
      throw GuestBuildError.disk(error)
    }
  }

  private func archive(_ files: [URL], to output: URL) throws(GuestBuildError) {
    let cache = BuildCache(folder: work)
    let made = try cache.url("archives/\(output.lastPathComponent)")
    try? FileManager.default.removeItem(at: made)
    try ToolRun(
      executable: toolchain.archiver, arguments: ["--format=gnu", "rcSD", made.path] + files.map(\.path),
      subject: output.lastPathComponent
    ).run(log: try cache.url("archives/log"))
    try writeFile(try readFile(made), to: output)
  }
}
