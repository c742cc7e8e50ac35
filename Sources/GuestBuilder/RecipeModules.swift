// What a recipe says besides what boots: modules that the running kernel can take in, and objects that may take
// another's place.

import GuestABI

extension Recipe {
  /// A module of the kernel, carried in the boot archive.
  public struct Module: Codable, Equatable, Sendable {
    /// Its name in the boot archive, at most `Recipe.maximumProgramName` bytes.
    public var name: String
    /// Its objects; what they need of the kernel they find there.
    public var objects: [ObjectReference]

    /// Makes a module.
    public init(name: String, objects: [ObjectReference]) {
      self.name = name
      self.objects = objects
    }
  }

  /// The images of the boot archive that are no programs, behind all programs.
  var moduleImages: [ProgramImage] {
    modules.map { module in
      var rights = ArchiveRights()
      rights.flags = ArchiveFlags.kernelModule.rawValue
      return ProgramImage(name: module.name, objects: module.objects, rights: rights)
    }
  }

  /// This recipe with one object in another's place, wherever that is linked, and with what changes together with it.
  ///
  /// A server that drove the one's device drives the other's.
  /// - Parameters:
  ///   - name: The object that goes, such as `blk`.
  ///   - alternative: The name of one of `alternatives`, with the same entry points.
  /// - Throws: `GuestBuildError.recipe` when the recipe has no such object or no such alternative.
  public func replacing(_ name: String, with alternative: String) throws(GuestBuildError) -> Recipe {
    guard let replacement = alternatives.first(where: { $0.name == alternative }) else {
      throw .recipe(
        name: structure, problem: "it has no alternative \(alternative)",
        hint: "there are \(alternatives.map(\.name).joined(separator: ", "))")
    }
    guard objects.contains(where: { $0.name == name }) else {
      throw .recipe(name: structure, problem: "it has no object \(name)", hint: "`structure show` lists its objects")
    }
    func replaced(_ references: [ObjectReference]) -> [ObjectReference] {
      references.map { $0.name == name ? replacement : $0 }
    }
    var recipe = self
    recipe.kernel = replaced(kernel)
    recipe.library = replaced(library)
    for index in variants.indices { recipe.variants[index].with = replaced(variants[index].with) }
    for index in servers.indices where servers[index].objects.contains(where: { $0.name == name }) {
      recipe.servers[index].objects = replaced(servers[index].objects)
      if let device = Self.devices[alternative] { recipe.servers[index].device = device.name }
    }
    for (other, companion) in (together[alternative] ?? [:]).sorted(by: { $0.key < $1.key }) {
      recipe = try recipe.replacing(other, with: companion)
    }
    return recipe
  }

  /// The devices that drivers drive which may take another's place.
  private static let devices: [String: DeviceKind] = ["blk": .block, "sdisk": .simpleDisk]
}

extension Recipe {
  /// Refuses modules and administrators that could not be built or found.
  func validateModules(name: String) throws(GuestBuildError) {
    func fail(_ problem: String, _ hint: String) -> GuestBuildError {
      .recipe(name: name, problem: problem, hint: hint)
    }
    let limit = (Layout.moduleEnd - Layout.moduleBase) / Layout.moduleSize
    guard modules.count <= Int(limit) else {
      throw fail("there are \(modules.count) modules", "the module area has room for \(limit)")
    }
    var names = Set(programImages.map(\.name))
    for module in modules {
      guard Self.isPlain(module.name), module.name.utf8.count <= Self.maximumProgramName, !module.objects.isEmpty else {
        throw fail("\"\(module.name)\" cannot be a module", "it needs a plain short name, and objects")
      }
      guard names.insert(module.name).inserted else {
        throw fail("there are two images called \(module.name)", "rename the module, or the program or server")
      }
    }
    for (program, services) in administrators.sorted(by: { $0.key < $1.key }) {
      guard programs.contains(where: { $0.hasSuffix("/\(program)") }) else {
        throw fail("the administrator \(program) is no program", "programs are \(programs.joined(separator: ", "))")
      }
      for service in services where Service(name: service) == nil && service != Self.modulesName {
        let known = Service.allCases.map(\.name) + [Self.modulesName]
        throw fail("there is no service \(service)", "there are \(known.joined(separator: ", "))")
      }
    }
  }
}
