// Structures of one's own: a service moved across the boundary, the image linked again, the result kept under a name.
//
// A design is a recipe and its image. The structures that came with the program are never changed.

import FoundationEssentials
import GuestBuilder

/// A structure that was made here.
struct Design {
  var recipe: Recipe
  /// The structure that it was made from.
  var base: String
  var image: BootImage
}

extension Laboratory {
  /// The structures that can be booted: those that were built, then the designs.
  public var bootableStructures: [String] { images.structures + designs.map(\.recipe.structure) }

  /// Moves a service across the boundary and links the structure that results.
  ///
  /// - Parameters:
  ///   - service: One of `movableServices`.
  ///   - place: `user` or `kernel`.
  ///   - structure: What to start from; nil: the structure of the current system.
  ///   - name: The design's name; nil: one that tells what was moved.
  /// - Throws: `LabError` with the reason when the service cannot be there.
  public func move(
    _ service: String, to place: Placement, in structure: String? = nil, as name: String? = nil
  ) throws(LabError) -> DesignReport {
    let base = try structureOrCurrent(structure)
    let recipe = try recipe(of: base)
    let name = try freeName(name ?? "\(base)-\(service)-\(place.rawValue)")
    let moved: Recipe
    do throws(GuestBuildError) {
      moved = try recipe.moving(service, to: place, structure: name)
    } catch {
      throw LabError(cannot: "move \(service)", in: base, error)
    }
    return try keep(moved, from: base)
  }

  /// A design that is a structure under another name, to be changed by `move`.
  ///
  /// - Throws: `LabError` when the structure is not known or the name is taken.
  public func newDesign(_ name: String, from structure: String) throws(LabError) -> DesignReport {
    let base = try self.structure(structure)
    var recipe = try recipe(of: base)
    recipe.structure = try freeName(name)
    return try keep(recipe, from: base)
  }

  /// Where the services of a structure are.
  ///
  /// - Parameter structure: nil: that of the current system.
  public func design(_ structure: String? = nil) throws(LabError) -> DesignReport {
    let name = try structureOrCurrent(structure)
    return try report(of: try recipe(of: name), base: designs.first { $0.recipe.structure == name }?.base)
  }

  /// Writes a structure's recipe to a file.
  ///
  /// - Parameter replacing: Whether a file of that name may be overwritten.
  /// - Throws: `LabError` when it cannot be written, or is there already.
  public func saveDesign(_ structure: String, to path: String, replacing: Bool) throws(LabError) {
    let recipe = try recipe(of: try self.structure(structure))
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    guard replacing || !FileManager.default.fileExists(atPath: path) else {
      throw LabError(.badArgument, "there is a file \(path) already", hint: "choose another name, or add `--replace`")
    }
    do {
      try encoder.encode(recipe).write(to: URL(fileURLWithPath: path))
    } catch {
      throw LabError(.badArgument, "\(path) cannot be written", hint: "name a file in a folder that exists")
    }
  }

  /// Reads a recipe from a file, links it and keeps it as a design.
  ///
  /// - Throws: `LabError` naming the place in the file, or why it cannot be linked.
  public func loadDesign(from path: String) throws(LabError) -> DesignReport {
    let data: Data
    do {
      data = try Data(contentsOf: URL(fileURLWithPath: path))
    } catch {
      throw LabError(.badArgument, "\(path) cannot be read", hint: "`structure save NAME FILE` writes such a file")
    }
    var recipe: Recipe
    do throws(GuestBuildError) {
      recipe = try Recipe(json: data, name: path)
    } catch {
      throw LabError(cannot: "be loaded", in: path, error)
    }
    recipe.structure = try freeName(recipe.structure)
    return try keep(recipe, from: path)
  }

  /// The services that `move` knows.
  public static var movableServices: [String] { Recipe.movableServices }

  private func structureOrCurrent(_ name: String?) throws(LabError) -> String {
    guard let name else { return try current().kernel }
    return try structure(name)
  }

  private func recipe(of structure: String) throws(LabError) -> Recipe {
    if let design = designs.first(where: { $0.recipe.structure == structure }) { return design.recipe }
    guard let linking = images.linking else {
      throw LabError(.notAvailable, "nothing can be linked here", hint: "`boot \(structure)`")
    }
    return try linking.recipe(structure)
  }

  /// A name that no built structure has; a design of that name is replaced.
  private func freeName(_ name: String) throws(LabError) -> String {
    guard !images.structures.contains(name) else {
      throw LabError(
        .badArgument, "\(name) came with the program and is not changed", hint: "choose another name for yours")
    }
    return name
  }

  private func keep(_ recipe: Recipe, from base: String) throws(LabError) -> DesignReport {
    guard let linking = images.linking else {
      throw LabError(.notAvailable, "nothing can be linked here", hint: "`boot \(base)`")
    }
    let relinker = try linking.relinker(true)
    let linked: RelinkedImage
    do throws(GuestBuildError) {
      linked = try relinker.link(recipe)
    } catch {
      throw LabError(cannot: "be linked", in: recipe.structure, error)
    }
    let image = try BootImage(manifest: linked.manifest, kernel: linked.kernel, programs: linked.programs)
    designs.removeAll { $0.recipe.structure == recipe.structure }
    designs.append(Design(recipe: recipe, base: base, image: image))
    return try report(of: recipe, base: base)
  }

  private func report(of recipe: Recipe, base: String?) throws(LabError) -> DesignReport {
    let image = try bootImage(of: recipe.structure)
    return DesignReport(
      structure: recipe.structure, base: base,
      services: Recipe.movableServices.compactMap { service in
        recipe.placement(of: service).map { DesignPlace(service: service, place: $0) }
      }, privilegedBytes: image.privilegedBytes, imageBytes: image.loadableBytes)
  }
}

extension LabError {
  fileprivate init(cannot what: String, in structure: String, _ error: GuestBuildError) {
    if case .recipe(_, let problem, let hint) = error {
      self.init(.notAvailable, "\(structure): \(problem)", hint: hint)
    } else {
      self.init(.machine, "\(structure) cannot \(what): \(error.description)", hint: "`structure show \(structure)`")
    }
  }
}
