// The images that were built with this program.

import GuestImages

extension ImageSource {
  /// What the build put into the bundle.
  static var bundled: ImageSource {
    let order = ["monolithic", "micro", "hybrid", "exo", "uni"]
    let built = GuestImages.structures
    return ImageSource(
      structures: order.filter(built.contains) + built.filter { !order.contains($0) },
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
      })
  }
}
