// What the builder says about an image it made: which objects went where.
//
// Sizes and addresses are not in here: they are read from the ELF files, which cannot be out of date.

/// The composition of one structure's image.
public struct ImageManifest: Codable, Equatable, Sendable {
  /// One object with C-ABI entry points, in one place.
  public struct Component: Codable, Equatable, Sendable {
    /// The component's name, which is also the suffix of its sections: `.text.blk`.
    public var name: String
    /// `service`, `driver`, `kernel` (a part that a kernel is composed of), `core`, `stub`, `server`, `runtime` or `program`.
    public var kind: String
    /// The image it is linked into: `kernel`, or a program's or module's name.
    public var image: String
    /// Its global functions, in the order of its symbol table.
    public var entryPoints: [String]

    /// Makes a row of the manifest.
    public init(name: String, kind: String, image: String, entryPoints: [String]) {
      self.name = name
      self.kind = kind
      self.image = image
      self.entryPoints = entryPoints
    }
  }

  /// The structure's name, such as `monolithic`.
  public var structure: String
  /// Everything linked, by image and object.
  public var components: [Component]
  /// The programs in the boot archive, in its order.
  public var programs: [String]
  /// The modules behind them: what the running kernel can take in.
  public var modules: [String]

  /// Makes a manifest.
  public init(structure: String, components: [Component], programs: [String], modules: [String] = []) {
    self.structure = structure
    self.components = components
    self.programs = programs
    self.modules = modules
  }
}
