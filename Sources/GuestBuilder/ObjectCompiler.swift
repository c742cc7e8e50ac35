// From a folder of sources to one pre-linked object, the same for every structure.
//
// The object's only global symbols are its C-ABI entry points. Everything else, the language runtime's functions
// included, is private to it, so that its code does not depend on what it is linked with.

import Foundation

/// A component as it goes into every image.
public struct CompiledObject: Equatable, Sendable {
  /// The component's name.
  public var name: String
  /// The object file.
  public var file: URL
  /// Changes whenever the object may have changed.
  var hash: InputHash
}

/// Compiles objects.
public struct ObjectCompiler: Sendable {
  let toolchain: Toolchain
  let tree: GuestTree
  let cache: BuildCache
  let checks: Bool

  /// Makes a compiler.
  ///
  /// - Parameters:
  ///   - work: A folder that belongs to the builder, where it keeps what need not be built again.
  ///   - checks: Whether the language's run-time checks (bounds, overflow, preconditions) are compiled in.
  public init(toolchain: Toolchain, tree: GuestTree, work: URL, checks: Bool = true) {
    self.checks = checks
    self.toolchain = toolchain
    self.tree = tree
    cache = BuildCache(folder: work.standardizedFileURL)
  }

  /// Compiles objects, on all cores; those whose inputs did not change are taken as they are.
  ///
  /// - Returns: The objects in the order of `references`.
  /// - Throws: `GuestBuildError`; the diagnostics of all objects that failed.
  public func compile(_ references: [ObjectReference]) throws(GuestBuildError) -> [CompiledObject] {
    let shared = try tree.sharedSwift()
    let headerFolders = try tree.headerFolders()
    var common = InputHash()
    common.add(toolchain.identity)
    for file in shared { try common.add(file) }
    for folder in headerFolders {
      for file in try tree.headers(in: folder) { try common.add(file) }
    }
    let context = Context(shared: shared, headerFolders: headerFolders, hash: common)
    return try concurrentMap(references) { reference throws(GuestBuildError) in
      try compile(reference, context)
    }
  }

  /// What all objects have in common.
  private struct Context: Sendable {
    var shared: [URL]
    var headerFolders: [URL]
    var hash: InputHash
  }

  private func compile(_ reference: ObjectReference, _ context: Context) throws(GuestBuildError) -> CompiledObject {
    let sources = try tree.sources(of: reference)
    let name = reference.name
    let product = try cache.url("objects/\(name).o")

    var steps: [ToolRun] = []
    var parts: [String] = []
    if !sources.swift.isEmpty {
      let part = try cache.url("parts/\(name)/\(name).swift.o").path
      steps.append(
        ToolRun(
          executable: toolchain.swiftc, arguments: try swiftArguments(reference, sources, context, output: part),
          subject: reference.folder))
      parts.append(part)
    }
    for (index, source) in sources.c.enumerated() {
      let part = try cache.url("parts/\(name)/\(index).\(source.lastPathComponent).o").path
      steps.append(
        ToolRun(
          executable: toolchain.clang, arguments: cArguments(source, sources, context, output: part),
          subject: "\(reference.folder)/\(source.lastPathComponent)"))
      parts.append(part)
    }

    var hash = context.hash
    for step in steps { for argument in [step.executable] + step.arguments { hash.add(argument) } }
    for file in sources.swift + sources.c + sources.headers { try hash.add(file) }
    hash.add(ObjectFinisher.version)
    let compiled = CompiledObject(name: name, file: product, hash: hash)
    guard !cache.isCurrent(product, hash) else { return compiled }

    let log = try cache.url("parts/\(name)/log")
    for step in steps { try step.run(log: log) }
    let combined = try cache.url("parts/\(name)/\(name).combined.o")
    try ToolRun(
      executable: toolchain.linker,
      arguments: ["-r", "-m", "elf64lriscv", "--force-group-allocation", "-o", combined.path] + parts,
      subject: reference.folder
    ).run(log: log)
    let object = try ObjectFile([UInt8](try readFile(combined)), name: reference.folder)
    try writeFile(Data(object.withoutRetention), to: combined)
    let finisher = ObjectFinisher(object: object, component: name)
    try ToolRun(
      executable: toolchain.objcopy, arguments: try finisher.arguments() + [combined.path, product.path],
      subject: reference.folder
    ).run(log: log)
    try cache.markCurrent(product, hash)
    return compiled
  }

  private static let architecture = ["-march=rv64imac_zicsr_zifencei", "-mabi=lp64", "-mno-relax"]

  private func swiftArguments(
    _ reference: ObjectReference, _ sources: GuestTree.Sources, _ context: Context, output: String
  ) throws(GuestBuildError) -> [String] {
    let modules = try cache.url("modules")
    var arguments = [
      "-target", "riscv64-none-none-eabi", "-enable-experimental-feature", "Embedded", "-wmo", "-Osize",
      "-parse-as-library", "-swift-version", "6", "-warnings-as-errors", "-g",
      "-Xfrontend", "-function-sections", "-Xfrontend", "-disable-stack-protector",
      // Their paths would make debug information depend on the work folder.
      "-Xfrontend", "-no-clang-module-breadcrumbs",
      "-module-cache-path", modules.path,
      "-module-name", reference.name.replacing("-", with: "_"),
    ]
    if !checks { arguments += ["-assert-config", "Unchecked", "-Xfrontend", "-remove-runtime-asserts"] }
    arguments += Self.architecture.flatMap { ["-Xcc", $0] }
    arguments += prefixMaps.flatMap { ["-file-prefix-map", $0] } + ["-file-compilation-dir", "."]
    arguments += includes(sources, context)
    arguments += ["-emit-object", "-o", output]
    return arguments + (context.shared + sources.swift).map(\.path)
  }

  private func cArguments(_ source: URL, _ sources: GuestTree.Sources, _ context: Context, output: String) -> [String] {
    ["--target=riscv64-none-elf"] + Self.architecture + [
      "-mcmodel=medany", "-O2", "-ffreestanding", "-ffunction-sections", "-fdata-sections",
      "-fno-asynchronous-unwind-tables", "-Wall", "-Werror", "-g", "-gdwarf-4",
      "-ffile-compilation-dir=.",
    ] + prefixMaps.map { "-ffile-prefix-map=\($0)" } + includes(sources, context) + ["-c", source.path, "-o", output]
  }

  /// Paths in debug information start at the package, so that equal sources make equal objects in any folder.
  private var prefixMaps: [String] {
    ["\(tree.guests.path)=Sources/Guests", "\(tree.abi.path)=Sources/GuestABI", "\(cache.folder.path)=build"]
  }

  private func includes(_ sources: GuestTree.Sources, _ context: Context) -> [String] {
    (context.headerFolders + [sources.folder]).flatMap { ["-I", $0.path] }
  }
}

extension InputHash {
  /// Adds a file's name and content.
  fileprivate mutating func add(_ file: URL) throws(GuestBuildError) {
    add(file.path)
    add(try readFile(file))
  }
}
