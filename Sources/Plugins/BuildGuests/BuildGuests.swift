// The build-tool plugin behind GuestImages: one command that compiles and links all guests.
//
// It declares exactly what is bundled; objects and other intermediate files stay in the work folder.

import Foundation
import PackagePlugin

@main struct BuildGuests: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) async throws -> [Command] {
    let sources = context.package.directoryURL.appending(path: "Sources")
    let guests = sources.appending(path: "Guests")
    let abi = sources.appending(path: "GuestABI")
    let output = context.pluginWorkDirectoryURL.appending(path: "images")
    let recipes = files(below: guests.appending(path: "Structures")).filter { $0.pathExtension == "json" }

    var arguments = [
      "--guests", guests.path, "--abi", abi.path, "--disk", guests.appending(path: "Disk").path, "--work",
      context.pluginWorkDirectoryURL.appending(path: "work").path,
      "--output", output.path,
    ]
    for (option, name) in [
      ("--swiftc", "swiftc"), ("--clang", "clang"), ("--linker", "ld.lld"), ("--objcopy", "llvm-objcopy"),
      ("--archiver", "llvm-ar"),
    ] {
      arguments += [option, try context.tool(named: name).url.path]
    }
    var outputs = ["components.a", "components-unchecked.a", "disk.img"].map { output.appending(path: $0) }
    for recipe in recipes {
      let name = recipe.deletingPathExtension().lastPathComponent
      outputs += ["elf", "programs", "json", "recipe"].map { output.appending(path: "\(name).\($0)") }
    }
    return [
      .buildCommand(
        displayName: "Building the guests", executable: try context.tool(named: "guest-builder").url,
        arguments: arguments + recipes.map(\.path), inputFiles: files(below: guests) + files(below: abi),
        outputFiles: outputs)
    ]
  }

  /// All visible files below a folder, sorted.
  private func files(below folder: URL) -> [URL] {
    let found = FileManager.default.enumerator(
      at: folder, includingPropertiesForKeys: [.isRegularFileKey], options: [.skipsHiddenFiles])
    return (found?.compactMap { $0 as? URL } ?? [])
      .filter { (try? $0.resourceValues(forKeys: [.isRegularFileKey]))?.isRegularFile == true }
      .sorted { $0.path < $1.path }
  }
}
