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
