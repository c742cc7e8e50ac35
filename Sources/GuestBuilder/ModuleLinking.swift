// Modules of a kernel: linked against the very kernel that carries them in its boot archive.
//
// The kernel's text lies in front of the archive, so a kernel linked without the modules has its functions where the
// final one has them; that this holds is checked after each link.

import Foundation
import GuestABI

/// The linked modules of a structure, and what they rely on.
struct LinkedModules {
  var linked: [ImageLinker.Linked] = []
  /// Functions of the kernel that the modules call.
  var needs: [String] = []
  /// Where the modules were told that these are.
  var addresses: [String: UInt64] = [:]

  /// Checks that a kernel has everything where the modules were told it is.
  ///
  /// - Throws: `GuestBuildError.object` naming the first function that moved.
  func check(against kernel: URL) throws(GuestBuildError) {
    guard !linked.isEmpty else { return }
    let final = try LinkedModules.functions(of: kernel)
    for (name, address) in addresses.sorted(by: { $0.key < $1.key }) where final[name] != address {
      throw .object(
        name: kernel.lastPathComponent, problem: "\(name) is not where the modules were linked to find it",
        hint: "a module may only use what lies in front of the boot archive: the kernel's functions")
    }
  }

  /// Where an image has its functions, whether or not it tells others of them; a name used twice is left out.
  static func functions(of file: URL) throws(GuestBuildError) -> [String: UInt64] {
    let image = try ObjectFile([UInt8](try readFile(file)), name: file.lastPathComponent)
    let symbols = image.symbols.filter { $0.isFunction && $0.isDefined }
    return Dictionary(grouping: symbols, by: \.name).filter { $0.value.count == 1 }.mapValues { $0[0].value }
  }
}

extension ImageLinker {
  /// Links the modules of a recipe against its kernel.
  ///
  /// - Parameters:
  ///   - kernel: The kernel's objects.
  ///   - programs: The linked programs, which the kernel carries as well.
  ///   - objects: The objects of each module.
  ///   - options: How the kernel is linked.
  func linkModules(
    of recipe: Recipe, kernel: [CompiledObject], programs: [Linked], objects: [[CompiledObject]], options: LinkOptions
  ) throws(GuestBuildError) -> LinkedModules {
    guard !recipe.modules.isEmpty else { return LinkedModules() }
    var needs: Set<String> = []
    for module in objects {
      var undefined: Set<String> = []
      var defined: Set<String> = []
      for object in module {
        let file = try ObjectFile([UInt8](try readFile(object.file)), name: object.name)
        for symbol in file.symbols where symbol.binding == .global && !symbol.name.isEmpty {
          if symbol.isDefined { defined.insert(symbol.name) } else { undefined.insert(symbol.name) }
        }
      }
      needs.formUnion(undefined.subtracting(defined))
    }
    let folder = "images/\(recipe.structure)"
    let archive = try writeArchive(
      programs, recipe.programImages.map(\.rights), folder: "\(folder)/archive-without-modules",
      subject: recipe.structure)
    let base = try linkKernel(
      recipe, objects: kernel, archive: archive, exports: needs.sorted(), options: options,
      product: "kernel-without-modules")
    let addresses = try LinkedModules.functions(of: base.file).filter { needs.contains($0.key) }
    var modules = LinkedModules(needs: needs.sorted(), addresses: addresses)
    for (number, module) in recipe.modules.enumerated() {
      modules.linked.append(
        try link(
          subject: "\(recipe.structure), module \(module.name)", entry: "module_init",
          script: LinkerScript.module(
            components: objects[number].map(\.name), number: number, addresses: addresses),
          objects: objects[number], extra: nil,
          product: try cache.url("\(folder)/modules/\(module.name)"), support: "\(folder)/links/\(module.name)"))
    }
    return modules
  }
}
