// Where images and the standard disk come from, so that tests can bring their own.

import GuestBuilder
import GuestImages

/// What linking at run time needs.
struct LinkSource {
  /// The recipe of a structure.
  let recipe: (String) throws(LabError) -> Recipe
  /// A linker over the components' objects, with run-time checks or without.
  let relinker: (_ checked: Bool) throws(LabError) -> Relinker
}

/// Supplies images by structure.
struct ImageSource {
  /// The structures that can be booted.
  let structures: [String]
  let image: (String) throws(LabError) -> BootImage
  let disk: () throws(LabError) -> [UInt8]
  /// Nil where nothing can be linked.
  var linking: LinkSource?
}
