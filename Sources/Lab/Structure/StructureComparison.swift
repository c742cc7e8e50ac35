// `compare structure`: where each service sits in each kind of kernel, from the manifests of the linked images.

import GuestBuilder

extension Laboratory {
  /// The layouts of structures side by side; nothing is booted.
  ///
  /// - Parameter kernels: Structures; all that were built when empty or `all`.
  /// - Throws: `LabError` when a structure is not known or was not built.
  public func compareStructures(_ kernels: [String] = []) throws(LabError) -> StructureComparison {
    var names: [String] = []
    for kernel in kernels where kernel != "all" { names.append(try structure(kernel)) }
    if names.isEmpty || kernels.contains("all") { names = bootableStructures }
    var comparison = StructureComparison(structures: [], services: [])
    for name in names where !comparison.structures.contains(where: { $0.kernel == name }) {
      let layout = try bootImage(of: name).layout
      comparison.structures.append(layout)
      comparison.add(layout)
    }
    comparison.sortServices()
    return comparison
  }
}

extension StructureComparison {
  /// Kinds of components that a structure may put in one place or another, those that are looked for first.
  private static let movable = ["service", "driver", "kernel"]

  fileprivate mutating func sortServices() {
    services = Self.movable.flatMap { kind in services.filter { $0.kind == kind } }
  }

  fileprivate mutating func add(_ layout: StructureLayout) {
    for image in layout.images {
      for component in image.components where Self.movable.contains(component.kind) {
        let index: Int
        if let known = services.firstIndex(where: { $0.service == component.name }) {
          index = known
        } else {
          index = services.count
          services.append(ServiceRow(service: component.name, kind: component.kind, places: []))
        }
        let place = services[index].places.firstIndex {
          $0.kernel == layout.kernel && $0.role == image.role && $0.privilege == image.privilege
        }
        if let place {
          services[index].places[place].images += image.images.count
        } else {
          services[index].places.append(
            ServicePlace(
              kernel: layout.kernel, role: image.role, privilege: image.privilege, images: image.images.count))
        }
      }
    }
  }
}

extension BootImage {
  /// What an image is, by what it contains.
  func role(of image: String) -> ImageRole {
    if image == kernel.name { return .kernel }
    return manifest.components.contains { $0.image == image && $0.kind == "program" } ? .program : .server
  }

  /// Whether an object is there only to say that something is not, as `no-messages`.
  private static func standsForNothing(_ component: ImageManifest.Component) -> Bool {
    component.name.hasPrefix("no-")
  }

  /// Where the components sit; programs that differ only in themselves are one image.
  fileprivate var layout: StructureLayout {
    var placed: [PlacedImage] = []
    for name in [kernel.name] + manifest.programs {
      let role = role(of: name)
      let components = manifest.components.filter {
        $0.image == name && (role == .kernel || $0.kind != "program") && !Self.standsForNothing($0)
      }
      .map { PlacedComponent(name: $0.name, kind: $0.kind) }
      if role == .program, let same = placed.firstIndex(where: { $0.role == role && $0.components == components }) {
        placed[same].images.append(name)
      } else {
        placed.append(
          PlacedImage(
            images: [name], role: role, privilege: role == .kernel ? "S" : "U", components: components))
      }
    }
    let order: [ImageRole] = [.kernel, .server, .program]
    return StructureLayout(
      kernel: manifest.structure, images: order.flatMap { role in placed.filter { $0.role == role } })
  }
}
