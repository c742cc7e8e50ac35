// An application that was linked with the parts of a system, and what is known about the link.

import GuestBuilder

/// A linked image under a name; immutable, so that systems share it.
final class LinkedApplication {
  let report: LinkReport
  let image: BootImage
  let graph: LinkGraph

  init(report: LinkReport, image: BootImage, graph: LinkGraph) {
    self.report = report
    self.image = image
    self.graph = graph
  }
}
