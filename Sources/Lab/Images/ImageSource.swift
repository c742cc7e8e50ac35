// Where images and the standard disk come from, so that tests can bring their own.

import GuestBuilder
import GuestImages

/// Supplies images by structure.
struct ImageSource {
  /// The structures that can be booted.
  let structures: [String]
  let image: (String) throws(LabError) -> BootImage
  let disk: () throws(LabError) -> [UInt8]
}
