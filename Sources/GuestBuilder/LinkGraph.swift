// Which parts of an image's objects lead to which: what the linker follows when it drops what nothing reaches.
//
// It repeats the linker's own reasoning from the same relocations, so that it can be asked for reasons. It must be given
// the objects in the image's order.

/// A step on the way from the image's first instruction to a symbol.
public struct LinkStep: Codable, Equatable, Sendable {
  /// The component whose object it is in.
  public var component: String
  /// The function or variable.
  public var symbol: String

  /// Makes a step.
  public init(component: String, symbol: String) {
    self.component = component
    self.symbol = symbol
  }
}

/// The references between all objects of one image.
public struct LinkGraph: Sendable {
  private struct Place: Hashable, Sendable {
    var object: Int
    var section: Int
  }

  private struct Reference: Sendable {
    var from: LinkStep
    var source: Place
    var target: Place
    /// The symbol that the code names, where a substitute is called in its place.
    var replaced: String?
  }

  private let objects: [ObjectFile]
  private let references: [Reference]
  /// The reference by which a place is reached first; nil for a place where the linker begins.
  private var reachedBy: [Place: Int?] = [:]

  /// Follows all references.
  ///
  /// - Parameters:
  ///   - objects: The objects of the image by component, in its order.
  ///   - options: As the image is linked.
  /// - Throws: `GuestBuildError.object` for a file that is no object.
  public init(
    objects: [(name: String, bytes: [UInt8])], options: LinkOptions
  ) throws(GuestBuildError) {
    var files: [ObjectFile] = []
    for object in objects { files.append(try ObjectFile(object.bytes, name: object.name)) }
    self.objects = files
    let substitutes = options.eliminatesDeadCode ? options.substitutes(in: files) : [:]
    references = try Self.references(in: files, substitutes: substitutes)
    follow(from: Self.roots(of: files, substitutes: substitutes, all: !options.eliminatesDeadCode))
  }

  /// What a component's object defines, in the order of its symbols.
  public func functions(of component: String) -> [String] {
    objects.filter { $0.name == component }.flatMap { object in
      object.symbols.filter { $0.isFunction && $0.isDefined }.map(\.name)
    }
  }

  /// Where a symbol is defined: the components' names.
  public func components(defining symbol: String) -> [String] {
    objects.filter { $0.symbols.contains { $0.name == symbol && $0.isDefined } }.map(\.name)
  }

  /// The references that lead to a symbol, from where the linker begins; nil when nothing does.
  public func chain(to step: LinkStep) -> [LinkStep]? {
    guard var place = place(of: step), reachedBy.keys.contains(place) else { return nil }
    var chain = [step]
    while let index = reachedBy[place] ?? nil {
      chain.insert(references[index].from, at: 0)
      place = references[index].source
    }
    return chain
  }

  /// The functions that name a symbol in their code, and whether they are called by nobody themselves.
  public func referrers(of step: LinkStep) -> [(step: LinkStep, isReached: Bool, isSubstituted: Bool)] {
    guard let place = place(of: step) else { return [] }
    var seen: Set<String> = []
    return references.compactMap { reference in
      let isSubstituted = reference.replaced == step.symbol
      guard isSubstituted || reference.target == place, reference.source != place,
        seen.insert("\(reference.from.component) \(reference.from.symbol)").inserted
      else { return nil }
      return (reference.from, reachedBy.keys.contains(reference.source), isSubstituted)
    }
  }

  /// Whether a symbol's code or data is in the image.
  public func isReached(_ step: LinkStep) -> Bool { place(of: step).map { reachedBy.keys.contains($0) } ?? false }

  private func place(of step: LinkStep) -> Place? {
    for (index, object) in objects.enumerated() where object.name == step.component {
      if let symbol = object.symbols.first(where: { $0.name == step.symbol && $0.isDefined }) {
        return Place(object: index, section: Int(symbol.section))
      }
    }
    return nil
  }

  // MARK: Reading

  private static func references(
    in objects: [ObjectFile], substitutes: [String: String]
  ) throws(GuestBuildError) -> [Reference] {
    var globals: [String: (object: Int, symbol: ObjectFile.Symbol)] = [:]
    for (index, object) in objects.enumerated() {
      for symbol in object.symbols where symbol.isDefined && symbol.binding != .local && globals[symbol.name] == nil {
        globals[symbol.name] = (index, symbol)
      }
    }
    var references: [Reference] = []
    for (index, object) in objects.enumerated() {
      let symbolsBySection = Dictionary(grouping: object.symbols.filter { $0.isDefined && !$0.name.isEmpty }) {
        Int($0.section)
      }
      for (section, header) in object.sections.enumerated() where header.isAllocated {
        let place = Place(object: index, section: section)
        for relocation in try object.relocations(ofSection: section) {
          guard Int(relocation.symbol) < object.symbols.count else { continue }
          let symbol = object.symbols[Int(relocation.symbol)]
          let from = LinkStep(
            component: object.name,
            symbol: name(at: relocation.offset, among: symbolsBySection[section] ?? []) ?? header.name)
          if symbol.isDefined {
            references.append(
              Reference(from: from, source: place, target: Place(object: index, section: Int(symbol.section))))
          } else if let found = globals[substitutes[symbol.name] ?? symbol.name]
            ?? (LinkerScript.refusable.contains(symbol.name) ? globals[LinkerScript.refusal] : nil)
          {
            references.append(
              Reference(
                from: from, source: place, target: Place(object: found.object, section: Int(found.symbol.section)),
                replaced: substitutes[symbol.name] == nil ? nil : symbol.name))
          }
        }
      }
    }
    return references
  }

  /// The function or entry point that an offset of a section belongs to.
  private static func name(at offset: UInt64, among symbols: [ObjectFile.Symbol]) -> String? {
    let covering = symbols.first { $0.isFunction && $0.value <= offset && offset < $0.value + max($0.size, 1) }
    let labels = symbols.filter { $0.binding == .global && $0.value <= offset }
    return (covering ?? labels.max { $0.value < $1.value } ?? symbols.first)?.name
  }

  /// Where the linker begins: the first instruction, sections with a fixed place, and substitutes, which it is told by
  /// name.
  private static func roots(of objects: [ObjectFile], substitutes: [String: String], all: Bool) -> [Place] {
    // The linker script names the function that refuses.
    let named = Set(substitutes.values).union([LinkerScript.refusal])
    var roots: [Place] = []
    for (index, object) in objects.enumerated() {
      for (section, header) in object.sections.enumerated() where header.isAllocated {
        let isFixed = ObjectFinisher.fixedSections.contains(header.name)
        let isNamed = object.symbols.contains {
          Int($0.section) == section && $0.binding == .global && named.contains($0.name)
        }
        if all || isFixed || isNamed { roots.append(Place(object: index, section: section)) }
      }
    }
    return roots
  }

  /// Notes, breadth first, by which reference each place is reached.
  private mutating func follow(from roots: [Place]) {
    let outgoing = Dictionary(grouping: references.indices) { references[$0].source }
    var waiting = roots
    for root in roots { reachedBy[root] = .some(nil) }
    var next = 0
    while next < waiting.count {
      let place = waiting[next]
      next += 1
      for index in outgoing[place] ?? [] where !reachedBy.keys.contains(references[index].target) {
        reachedBy[references[index].target] = .some(index)
        waiting.append(references[index].target)
      }
    }
  }
}
