// What came into an image and what was left out, by component: from the symbol tables of the objects and of the image.

/// One component's share of an image.
public struct LinkedComponent: Codable, Equatable, Sendable {
  /// The component.
  public var name: String
  /// What it is: `service`, `driver`, `runtime`, ….
  public var kind: String
  /// Functions of its object that are in the image.
  public var functionsKept: Int
  /// Functions of its object that are not.
  public var functionsDropped: Int
  /// Loadable bytes of its object that are in the image.
  public var bytesKept: UInt64
  /// Loadable bytes of its object that are not.
  public var bytesDropped: UInt64
}

extension Relinker {
  /// Compares the kernel's image with the objects that it was linked from.
  ///
  /// - Throws: `GuestBuildError` for files that cannot be read.
  public func components(
    of recipe: Recipe, in image: RelinkedImage
  ) throws(GuestBuildError) -> [LinkedComponent] {
    let linked = try ObjectFile(image.kernel, name: recipe.structure)
    var functions: [String: Int] = [:]
    for symbol in linked.symbols where symbol.isFunction && symbol.isDefined {
      functions[linked.component(ofSection: Int(symbol.section)) ?? "", default: 0] += 1
    }
    var bytes: [String: UInt64] = [:]
    for (index, section) in linked.sections.enumerated() where section.isAllocated && section.occupiesFile {
      if let component = linked.component(ofSection: index) { bytes[component, default: 0] += section.size }
    }
    var rows: [LinkedComponent] = []
    for reference in recipe.kernel {
      let object = try file(of: reference)
      // The linker forgets the names of local labels.
      let all = object.symbols.count { $0.isFunction && $0.isDefined && !$0.name.hasPrefix(".L") }
      let size = object.sections.filter { $0.isAllocated && $0.occupiesFile }.reduce(0) { $0 + $1.size }
      // The linker puts pieces on their alignment, which the object's own sizes do not count.
      let kept = min(bytes[reference.name] ?? 0, size)
      let count = functions[reference.name] ?? 0
      rows.append(
        LinkedComponent(
          name: reference.name, kind: reference.kind.rawValue, functionsKept: count, functionsDropped: all - count,
          bytesKept: kept, bytesDropped: size - kept))
    }
    return rows
  }

  private func file(of reference: ObjectReference) throws(GuestBuildError) -> ObjectFile {
    try ObjectFile(try object(reference), name: reference.name)
  }
}

extension RelinkedImage {
  /// Bytes of the kernel that a loader copies into memory.
  public var loadableBytes: UInt64 {
    get throws(GuestBuildError) {
      try ObjectFile(kernel, name: manifest.structure).segments.reduce(0) { $0 + $1.fileSize }
    }
  }
}

extension ObjectFile {
  /// The component that a linked section's name ends in; nil for sections of no component.
  fileprivate func component(ofSection index: Int) -> String? {
    let name = sections[index].name
    for group in [".text.", ".rodata.", ".data.", ".bss."] where name.hasPrefix(group) {
      return String(name.dropFirst(group.count))
    }
    return nil
  }
}
