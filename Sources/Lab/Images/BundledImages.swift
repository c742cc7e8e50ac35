// The images that were built with this program.

import GuestImages

extension ImageSource {
  /// What the build put into the bundle.
  static var bundled: ImageSource {
    ImageSource(
      structures: [], image: { name throws(LabError) in throw LabError(.notAvailable, name) },
      disk: { () throws(LabError) in [] })
  }
}
