// From objects to the images of one structure: its programs, their boot archive, its kernel.
//
// Used when the package is built, and again at run time when a student moves a service.

import Foundation
import GuestABI

/// The files of a linked structure.
public struct LinkedImage: Sendable {
  /// Which objects went where.
  public var manifest: ImageManifest
  /// The kernel's ELF file, with symbols and line tables.
  public var kernel: URL
  /// The programs' ELF files in the boot archive's order, each called by the program's name.
  public var programs: [URL]
}

/// Links structures.
public struct ImageLinker: Sendable {
  let toolchain: Toolchain
  let cache: BuildCache

  /// Makes a linker.
  ///
  /// - Parameter work: A folder that belongs to the builder, where it keeps what need not be linked again.
  public init(toolchain: Toolchain, work: URL) {
    self.toolchain = toolchain
    cache = BuildCache(folder: work.standardizedFileURL)
  }

  /// Links a structure.
  ///
  /// - Parameters:
  ///   - recipe: What goes where.
  ///   - objects: At least the recipe's objects.
  ///   - options: How.
  /// - Throws: `GuestBuildError`; undefined and duplicate symbols with the linker's own words.
  public func link(
    _ recipe: Recipe, objects: [CompiledObject], options: LinkOptions = LinkOptions()
  ) throws(GuestBuildError) -> LinkedImage {
    let byName = Dictionary(objects.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    @Sendable func resolve(_ references: [ObjectReference]) throws(GuestBuildError) -> [CompiledObject] {
      var found: [CompiledObject] = []
      for reference in references {
        guard let object = byName[reference.name] else {
          throw GuestBuildError.object(
            name: reference.folder, problem: "there is no object \(reference.name)",
            hint: "objects are \(byName.keys.sorted().joined(separator: ", "))")
        }
        found.append(object)
      }
      return found
    }

    let programs = try concurrentMap(recipe.programImages) { program throws(GuestBuildError) in
      try linkProgram(program, structure: recipe.structure, objects: try resolve(program.objects))
    }
    let application = try recipe.application.map { application throws(GuestBuildError) in
      try ApplicationObject(name: application.name, arguments: options.arguments)
        .assemble(toolchain: toolchain, cache: cache, folder: "images/\(recipe.structure)/application")
    }
    let kernelObjects = try resolve(recipe.kernel) + (application.map { [$0] } ?? [])
    var moduleObjects: [[CompiledObject]] = []
    for module in recipe.modules { moduleObjects.append(try resolve(module.objects)) }
    let modules = try linkModules(
      of: recipe, kernel: kernelObjects, programs: programs, objects: moduleObjects, options: options)
    let images = recipe.programImages + recipe.moduleImages
    // A kernel that starts no programs carries no archive.
    let archive =
      images.isEmpty
      ? nil
      : try writeArchive(
        programs + modules.linked, images.map(\.rights), folder: "images/\(recipe.structure)/archive",
        subject: recipe.structure)
    let kernel = try linkKernel(
      recipe, objects: kernelObjects, archive: archive, exports: modules.needs, options: options)
    try modules.check(against: kernel.file)

    var rows = try components(of: kernel, image: "kernel", references: recipe.kernel, objects: byName)
    for (program, linked) in zip(images, programs + modules.linked) {
      rows += try components(of: linked, image: program.name, references: program.objects, objects: byName)
    }
    return LinkedImage(
      manifest: ImageManifest(
        structure: recipe.structure, components: rows, programs: recipe.programImages.map(\.name),
        modules: recipe.modules.map(\.name)),
      kernel: kernel.file, programs: (programs + modules.linked).map(\.file))
  }

  struct Linked: Sendable {
    var file: URL
    var hash: InputHash
  }

  private func linkProgram(
    _ program: Recipe.ProgramImage, structure: String, objects: [CompiledObject]
  ) throws(GuestBuildError) -> Linked {
    try link(
      subject: "\(structure), program \(program.name)", entry: "program_start",
      script: LinkerScript.program(components: objects.map(\.name)), objects: objects, extra: nil,
      product: try cache.url("images/\(structure)/programs/\(program.name)"),
      support: "images/\(structure)/links/\(program.name)")
  }

  /// Links a kernel.
  ///
  /// - Parameters:
  ///   - exports: Functions that have to be in it though nothing in it calls them.
  ///   - product: The file's name without its extension; nil: the structure's.
  func linkKernel(
    _ recipe: Recipe, objects: [CompiledObject], archive: Linked?, exports: [String], options: LinkOptions,
    product: String? = nil
  ) throws(GuestBuildError) -> Linked {
    let linked = try link(
      subject: "\(recipe.structure), kernel", entry: "reset",
      script: LinkerScript.kernel(components: objects.map(\.name)), objects: objects, extra: archive,
      product: try cache.url("images/\(recipe.structure)/\(product ?? recipe.structure).elf"),
      support: "images/\(recipe.structure)/links/\(product ?? "kernel")",
      arguments: try arguments(for: options, objects) + exports.map { "--undefined=\($0)" })
    let image = try ObjectFile([UInt8](try readFile(linked.file)), name: "\(recipe.structure), kernel")
    guard image.entry == Layout.imageBase else {
      throw GuestBuildError.object(
        name: image.name,
        problem: "`reset` is at 0x\(String(image.entry, radix: 16)), not at 0x\(String(Layout.imageBase, radix: 16))",
        hint: "put it first into the section .text.reset, and nothing else in front of it")
    }
    return linked
  }

  func link(
    subject: String, entry: String, script: String, objects: [CompiledObject], extra: Linked?, product: URL,
    support: String, arguments optional: [String] = ["--gc-sections"]
  ) throws(GuestBuildError) -> Linked {
    let scriptFile = try cache.url("\(support).ld")
    let inputs = objects.map(\.file.path) + (extra.map { [$0.file.path] } ?? [])
    let arguments =
      [
        "-m", "elf64lriscv", "-static", "--no-relax", "--discard-locals", "--build-id=none",
        "-z", "max-page-size=\(Layout.pageSize)", "-z", "nognustack", "--fatal-warnings", "--color-diagnostics=never",
        "-e", entry, "--undefined=\(entry)", "-T", scriptFile.path, "-o", product.path,
      ] + optional + inputs
    var hash = InputHash()
    hash.add(toolchain.identity)
    for argument in arguments { hash.add(argument) }
    hash.add(script)
    for object in objects { hash.add(object.hash.text) }
    if let extra { hash.add(extra.hash.text) }
    let linked = Linked(file: product, hash: hash)
    guard !cache.isCurrent(product, hash) else { return linked }

    try writeFile(Data(script.utf8), to: scriptFile)
    try ToolRun(executable: toolchain.linker, arguments: arguments, subject: subject)
      .run(log: try cache.url("\(support).log"))
    try cache.markCurrent(product, hash)
    return linked
  }

  /// What the options are for the linker.
  ///
  /// A call to an absent component is bound to the function that answers in its place, so that nothing reaches the
  /// component and it is dropped like anything else.
  private func arguments(
    for options: LinkOptions, _ objects: [CompiledObject]
  ) throws(GuestBuildError) -> [String] {
    var files: [ObjectFile] = []
    for object in objects {
      files.append(try ObjectFile([UInt8](try readFile(object.file)), name: object.name))
    }
    guard options.eliminatesDeadCode else {
      // The language runtime's functions that nobody calls name some that nobody defines.
      return ["--no-gc-sections"]
        + LinkOptions.undefinedSymbols(in: files).map { "--defsym=\($0)=\(LinkOptions.substitute(for: $0))" }
    }
    let substitutes = options.substitutes(in: files).sorted { $0.key < $1.key }
    return ["--gc-sections"] + substitutes.flatMap { ["--wrap=\($0.key)", "--defsym=__wrap_\($0.key)=\($0.value)"] }
  }

  /// Makes the object that holds the boot archive in its section `.archive`.
  func writeArchive(
    _ programs: [Linked], _ rights: [ArchiveRights], folder: String, subject: String
  ) throws(GuestBuildError) -> Linked {
    let object = try cache.url("\(folder)/archive.o")
    var hash = InputHash()
    hash.add(toolchain.identity)
    hash.add("archive 2")
    for program in programs { hash.add(program.hash.text) }
    for right in rights { hash.add("\(right.words)") }
    let linked = Linked(file: object, hash: hash)
    guard !cache.isCurrent(object, hash) else { return linked }

    var members: [BootArchive.Program] = []
    for (program, rights) in zip(programs, rights) {
      let name = program.file.lastPathComponent
      members.append(
        BootArchive.Program(
          name: name, image: try ObjectFile([UInt8](try readFile(program.file)), name: "program \(name)"),
          rights: rights))
    }
    let content = try cache.url("\(folder)/archive.bin")
    try writeFile(Data(try BootArchive.bytes(of: members)), to: content)
    let source = try cache.url("\(folder)/archive.S")
    let text = """
      .section .archive, "a", @progbits
      .balign \(Layout.pageSize)
      .incbin "archive.bin"

      """
    try writeFile(Data(text.utf8), to: source)
    try ToolRun(
      executable: toolchain.clang,
      arguments: [
        "--target=riscv64-none-elf", "-march=rv64imac_zicsr_zifencei", "-mabi=lp64",
        "-I", content.deletingLastPathComponent().path, "-c", source.path, "-o", object.path,
      ],
      subject: "\(subject), boot archive"
    ).run(log: try cache.url("\(folder)/log"))
    try cache.markCurrent(object, hash)
    return linked
  }

  /// The manifest's rows of one image: each object with those of its entry points that are in the image.
  private func components(
    of linked: Linked, image: String, references: [ObjectReference], objects: [String: CompiledObject]
  ) throws(GuestBuildError) -> [ImageManifest.Component] {
    let file = try ObjectFile([UInt8](try readFile(linked.file)), name: image)
    let present = Set(file.symbols.filter { $0.binding == .global && $0.isDefined }.map(\.name))
    var rows: [ImageManifest.Component] = []
    for reference in references {
      guard let object = objects[reference.name] else { continue }
      let source = try ObjectFile([UInt8](try readFile(object.file)), name: reference.folder)
      rows.append(
        ImageManifest.Component(
          name: reference.name, kind: reference.kind.rawValue, image: image,
          entryPoints: source.entryPoints.filter { $0.isFunction && present.contains($0.name) }.map(\.name)))
    }
    return rows
  }
}
