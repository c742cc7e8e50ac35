// Reading RISC-V executables (System V ABI, ELF-64, and the RISC-V ELF psABI). The bytes are untrusted: every offset is checked
// before use, and what cannot be a loadable image is a clear error. Loading is the machine's business.

/// A 64-bit little-endian RISC-V executable.
public struct ELFFile: Sendable {
  /// A part of the image that is loaded into memory.
  public struct Segment: Hashable, Sendable {
    /// The physical address of the first byte.
    public let address: UInt64
    /// The virtual address of the first byte.
    public let virtualAddress: UInt64
    /// Where the contents are in the file.
    public let fileRange: Range<Int>
    /// The size in memory in bytes; what the file does not supply is zero.
    public let memorySize: UInt64
    /// Whether the segment asks to be readable, writable and executable.
    public let permissions: Permissions
  }

  /// Access rights a segment asks for.
  public struct Permissions: OptionSet, Hashable, Sendable {
    /// The bits as in the program header.
    public let rawValue: UInt32

    /// Makes a set from the bits of a program header.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Instructions may be fetched.
    public static let execute = Permissions(rawValue: 1)
    /// Data may be stored.
    public static let write = Permissions(rawValue: 2)
    /// Data may be loaded.
    public static let read = Permissions(rawValue: 4)
  }

  /// A section of the file.
  public struct Section: Hashable, Sendable {
    /// The section's name, such as `.text`.
    public let name: String
    /// The virtual address, 0 if the section is not loaded.
    public let address: UInt64
    /// Where the contents are in the file; empty for sections without contents.
    public let fileRange: Range<Int>
    /// The size in bytes, in memory if the section is loaded.
    public let size: UInt64
    /// Whether the section occupies memory when the image is loaded.
    public let isLoaded: Bool
    /// Whether the section holds instructions.
    public let isExecutable: Bool
    /// Whether the section is writable when loaded.
    public let isWritable: Bool
  }

  /// The whole file.
  public let bytes: [UInt8]
  /// The virtual address at which execution starts.
  public let entry: UInt64
  /// The loadable segments in the order of the file.
  public let segments: [Segment]
  /// The sections in the order of the file; empty for a stripped image.
  public let sections: [Section]
  /// The functions and objects, to look up by name or by address.
  public let symbols: SymbolTable

  /// Reads an executable.
  ///
  /// - Parameter bytes: The whole file.
  /// - Throws: `ELFError`, naming what is wrong, where, and what was expected.
  public static func parse(_ bytes: [UInt8]) throws(ELFError) -> ELFFile {
    try ELFFile(bytes)
  }

  /// The first section of the given name, or nil.
  public func section(_ name: String) -> Section? {
    sections.first { $0.name == name }
  }

  /// The contents of a section; empty if there is none of that name.
  public func contents(ofSection name: String) -> ArraySlice<UInt8> {
    section(name).map { bytes[$0.fileRange] } ?? []
  }

  /// The bytes that a segment takes from the file.
  public func contents(of segment: Segment) -> ArraySlice<UInt8> {
    bytes[segment.fileRange]
  }

  /// What stands for the names of a raw image: no bytes, no sections, no symbols.
  public static let nameless = ELFFile()

  private init() {
    bytes = []
    entry = 0
    segments = []
    sections = []
    symbols = SymbolTable([])
  }

  private init(_ bytes: [UInt8]) throws(ELFError) {
    let reader = ELFReader(bytes: bytes)
    let header = try reader.header()
    self.bytes = bytes
    entry = header.entry
    segments = try reader.segments(header)
    let sectionHeaders = try reader.sectionHeaders(header)
    sections = try reader.sections(sectionHeaders, header)
    symbols = SymbolTable(try reader.symbols(sectionHeaders))
  }
}
