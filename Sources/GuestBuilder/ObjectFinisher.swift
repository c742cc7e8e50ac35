// What makes a pre-linked object a component: which of its symbols others may see, and section names that say
// whose code and data they hold.
//
// The linker scripts rely on these section names; nothing may link an object that did not pass through here.

/// Decides on the final form of one object, as arguments of `llvm-objcopy`.
struct ObjectFinisher {
  let object: ObjectFile
  let component: String

  /// Changes when the rules below change, so that older objects are made anew.
  static let version = "finisher 3"

  /// Sections that have a fixed place in every kernel image and keep their names.
  static let fixedSections = [".text.reset", ".taskrecords"]

  /// What the compilers leave for other kinds of linkers and loaders.
  private static let dropped = [
    ".swift_modhash", ".swift1_autolink_entries", ".linker-options", ".llvm_addrsig", ".comment", ".note.GNU-stack",
  ]

  private static let groups: [(old: [String], new: String, isRelocatedConstant: Bool)] = [
    ([".text"], ".text", false),
    ([".data.rel.ro"], ".rodata", true),
    ([".rodata", ".srodata"], ".rodata", false),
    ([".data", ".sdata"], ".data", false),
    ([".bss", ".sbss"], ".bss", false),
  ]

  /// The arguments before the file names.
  ///
  /// - Throws: `GuestBuildError.object` when the object has no entry point, or a section that no image has room for.
  func arguments() throws(GuestBuildError) -> [String] {
    let entryPoints = object.entryPoints
    guard !entryPoints.isEmpty else {
      throw GuestBuildError.object(
        name: object.name, problem: "it has no entry point",
        hint: "implement a C function of Sources/Guests/Interfaces with `@c @implementation public func`")
    }
    var arguments = Self.dropped.map { "--remove-section=\($0)" }
    // Mapping symbols (RISC-V ELF psABI) would be the nearest name before most addresses.
    arguments += ["--strip-symbol=$x", "--strip-symbol=$d"]
    var renamed = Set(Self.fixedSections + Self.dropped)
    for section in object.sections where section.isAllocated && renamed.insert(section.name).inserted {
      if let group = Self.groups.first(where: { $0.old.contains { section.name.hasSectionPrefix($0) } }),
        let old = group.old.first(where: { section.name.hasSectionPrefix($0) })
      {
        let suffix = section.name.dropFirst(old.utf8.count)
        // What only the linker writes to is constant once an image is linked at a fixed address.
        let flags = group.isRelocatedConstant ? ",alloc,load,readonly,data,contents" : ""
        arguments += ["--rename-section", "\(section.name)=\(group.new).\(component)\(suffix)\(flags)"]
      } else if section.size > 0 {
        throw GuestBuildError.object(
          name: object.name, problem: "it has a section \(section.name), for which no image has a place",
          hint: "constructors, thread-local and exception data are not available in guests")
      }
    }
    return arguments + entryPoints.map { "--keep-global-symbol=\($0.name)" }
  }
}

extension ObjectFile {
  /// What other objects may call or name: strong global symbols whose name is not a mangled Swift name and not one
  /// of the language runtime's.
  var entryPoints: [Symbol] {
    symbols.filter { symbol in
      symbol.binding == .global && symbol.isDefined
        && !["$", "swift_", "_swift_"].contains { symbol.name.hasPrefix($0) }
    }
  }
}

extension String {
  /// Whether a section's name is `prefix` or `prefix` followed by a dot.
  fileprivate func hasSectionPrefix(_ prefix: String) -> Bool { self == prefix || hasPrefix(prefix + ".") }
}
