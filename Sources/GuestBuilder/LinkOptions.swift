// How a recipe is linked, beside what is in it.

/// What a student may decide about a link.
public struct LinkOptions: Equatable, Sendable {
  /// Whether the linker drops what nothing reaches.
  public var eliminatesDeadCode: Bool
  /// The argument string of an application that is linked into the kernel.
  public var arguments: String
  /// The components that the image does without: whoever calls one of their functions is told that there is none.
  ///
  /// The core must define `service_absent` and `service_absent_size`.
  public var absent: Set<String>

  /// Makes options; without arguments, those of the package's own images.
  public init(eliminatesDeadCode: Bool = true, arguments: String = "", absent: Set<String> = []) {
    self.eliminatesDeadCode = eliminatesDeadCode
    self.arguments = arguments
    self.absent = absent
  }

  /// The function that answers for one of an absent component: the size of its instance is 0, all else an error.
  static func substitute(for entryPoint: String) -> String {
    entryPoint.hasSuffix("_size") ? "service_absent_size" : "service_absent"
  }

  /// The functions that objects name and none of them defines, sorted; the linker script's own symbols are none of them.
  static func undefinedSymbols(in objects: [ObjectFile]) -> [String] {
    let defined = Set(objects.flatMap { $0.symbols.filter { $0.isDefined && $0.binding != .local }.map(\.name) })
    let named = Set(objects.flatMap { $0.symbols.filter { $0.section == 0 && $0.binding != .local }.map(\.name) })
    return named.subtracting(defined).filter { !$0.hasPrefix("__") }.sorted()
  }

  /// What is called in place of what, given the objects of the image.
  func substitutes(in objects: [ObjectFile]) -> [String: String] {
    var substitutes: [String: String] = [:]
    for object in objects where absent.contains(object.name) {
      for entryPoint in object.entryPoints where entryPoint.isFunction {
        substitutes[entryPoint.name] = Self.substitute(for: entryPoint.name)
      }
    }
    return substitutes
  }
}
