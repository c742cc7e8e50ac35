// A structure with another driver of its disk: "the hardware changed", and nothing else with it.
//
// The image is linked when it is asked for, from the objects that the other images are made of.

import GuestBuilder

extension Laboratory {
  /// The object that drives the disk where nothing else is asked for.
  private static let usualDriver = "blk"

  /// Links a structure's image with an object in the place of its disk's driver.
  ///
  /// - Throws: `LabError` when the structure cannot be linked with that driver.
  func relink(_ structure: String, driver: String) throws(LabError) -> BootImage {
    guard driver != Self.usualDriver else { return try bootImage(of: structure) }
    guard let linking = images.linking else {
      throw LabError(.notAvailable, "nothing can be linked here", hint: "`boot \(structure)` without `--driver`")
    }
    let recipe = try linking.recipe(structure)
    let drivers = recipe.alternatives.filter { $0.kind == .driver }.map(\.name)
    guard drivers.contains(driver) else {
      throw LabError(
        .notAvailable, "\(structure) cannot be linked with the driver `\(driver)`",
        hint: drivers.isEmpty
          ? "its kernel knows the disk that blk drives, and no other"
          : "drivers: " + ([Self.usualDriver] + drivers).joined(separator: " "))
    }
    let relinker = try linking.relinker(true)
    do throws(GuestBuildError) {
      let image = try relinker.link(try recipe.replacing(Self.usualDriver, with: driver))
      return try BootImage(linked: image)
    } catch {
      throw LabError(.machine, "\(structure) cannot be linked: \(error.description)", hint: "`boot \(structure)`")
    }
  }
}

extension Laboratory {
  /// Links structures with another driver of their disk and compares the images, byte by byte, with those of before.
  ///
  /// - Parameters:
  ///   - driver: The object, such as `sdisk`.
  ///   - kernels: Structures; `all` stands for all that were built.
  /// - Throws: `LabError` when a structure is not known, or cannot be linked with that driver.
  public func replaceDiskDriver(with driver: String, in kernels: [String]) throws(LabError) -> [DeviceReplacement] {
    guard driver != Self.usualDriver else {
      throw LabError(
        .badArgument, "\(driver) drives the disk that every structure has already", hint: "`device replace disk sdisk`")
    }
    var names: [String] = []
    for kernel in kernels { names += kernel == "all" ? images.structures : [try structure(kernel)] }
    var rows: [DeviceReplacement] = []
    for name in names where !rows.contains(where: { $0.kernel == name }) {
      let (before, after) = (try bootImage(of: name), try bootImage(of: name, driver: driver))
      let changes = after.changes(since: before)
      let relinked = changes.filter { $0.differs && $0.otherObjects }
      rows.append(
        DeviceReplacement(
          kernel: name, driver: driver, previous: Self.usualDriver, objects: after.substitutes(for: before),
          images: changes, relinked: relinked.count, relinkedBytes: relinked.reduce(0) { $0 + $1.bytes },
          kernelChanged: relinked.contains { $0.image == after.kernel.name },
          moved: changes.filter { $0.differs && !$0.otherObjects }.map(\.image)))
    }
    return rows
  }
}

extension BootImage {
  /// Every image, with whether what is loaded of it differs.
  fileprivate func changes(since old: BootImage) -> [ImageChange] {
    let names = [kernel.name] + manifest.programs + manifest.modules
    return names.compactMap { name in
      guard let now = image(name) else { return nil }
      let loaded = Self.loaded(now)
      return ImageChange(
        image: name, differs: old.image(name).map { Self.loaded($0) != loaded } ?? true,
        otherObjects: objects(in: name) != old.objects(in: name),
        bytes: loaded.reduce(0) { $0 + UInt64($1.bytes.count) })
    }
  }

  private func objects(in image: String) -> [String] {
    manifest.components.filter { $0.image == image }.map(\.name)
  }

  /// What is loaded of an image: which sections, and their bytes; nothing of other images that it carries.
  private static func loaded(_ image: ProgramImage) -> [LoadedSection] {
    image.elf.sections.filter { $0.isLoaded && $0.size > 0 && $0.name != ".archive" }.map {
      // An archive of another length moves what lies behind it, which is no change of the image's own.
      LoadedSection(name: $0.name, size: $0.size, bytes: Array(image.elf.bytes[$0.fileRange]))
    }
  }

  private struct LoadedSection: Equatable {
    let name: String
    let size: UInt64
    let bytes: [UInt8]
  }

  /// The objects that an older image has and this one has not, each with the one of its kind that came instead.
  fileprivate func substitutes(for old: BootImage) -> [String: String] {
    func names(_ image: BootImage, _ kind: String) -> Set<String> {
      Set(image.manifest.components.filter { $0.kind == kind }.map(\.name))
    }
    var found: [String: String] = [:]
    for kind in Set(old.manifest.components.map(\.kind)) {
      let gone = names(old, kind).subtracting(names(self, kind)).sorted()
      let come = names(self, kind).subtracting(names(old, kind)).sorted()
      for (left, right) in zip(gone, come) { found[left] = right }
    }
    return found
  }
}

extension BootImage {
  /// An image that was linked at run time.
  fileprivate convenience init(linked image: RelinkedImage) throws(GuestBuildError) {
    do throws(LabError) {
      try self.init(manifest: image.manifest, kernel: image.kernel, programs: image.programs)
    } catch {
      throw .object(name: image.manifest.structure, problem: error.message, hint: "link it again")
    }
  }
}
