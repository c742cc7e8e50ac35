// The images that were built with this program.

import FoundationEssentials
import GuestBuilder
import GuestImages

extension ImageSource {
  /// The structures that have a name of their own, whether built or not, in the order in which they are shown.
  static let namedStructures = ["monolithic", "micro", "hybrid", "exo", "uni"]

  /// The named structures, and behind them the built ones that are none of them.
  static func knownStructures(with built: [String]) -> [String] {
    namedStructures + built.filter { !namedStructures.contains($0) }
  }

  /// What the build put into the bundle.
  static var bundled: ImageSource {
    let built = GuestImages.structures
    return ImageSource(
      structures: knownStructures(with: built).filter(built.contains),
      image: { (structure) throws(LabError) in
        do {
          let image = try GuestImages.image(of: structure)
          return try BootImage(manifest: image.manifest, kernel: image.kernel, programs: image.programs)
        } catch let error as GuestImageError {
          throw LabError(.machine, "\(error)", hint: "`swift build` makes the images again")
        } catch let error as LabError {
          throw error
        } catch {
          throw LabError(.machine, "\(error)")
        }
      },
      disk: { () throws(LabError) in
        do {
          return try GuestImages.disk()
        } catch {
          throw LabError(.machine, "\(error)", hint: "`swift build` makes the images again")
        }
      }, linking: .bundled)
  }
}

extension LinkSource {
  /// The bundle's recipes and objects, and the toolchain that is first in the search path.
  static var bundled: LinkSource {
    LinkSource(
      recipe: { (structure) throws(LabError) in
        do {
          return try GuestImages.recipe(of: structure)
        } catch {
          throw LabError(.machine, "\(error)", hint: "`swift build` makes the images again")
        }
      },
      relinker: { (checked) throws(LabError) in
        let objects: [String: [UInt8]]
        do {
          objects = try GuestImages.components(checked: checked)
        } catch {
          throw LabError(.machine, "\(error)", hint: "`swift build` makes the images again")
        }
        do {
          let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
          return Relinker(toolchain: try Toolchain.discover(searchPath: path), objects: objects)
        } catch {
          throw LabError(
            .notAvailable, "\(error)", hint: "linking needs the Swift toolchain that built this program in PATH")
        }
      })
  }
}
