// What is said about the make-up of a structure: which component sits where, sections, the kernel's calls.
//
// Field names are part of the program's JSON output: add, never rename.

/// What an image of a structure is.
public enum ImageRole: String, Codable, Sendable {
  /// It runs privileged.
  case kernel
  /// A service in an address space of its own.
  case server
  /// An application.
  case program
}

/// One component in an image.
public struct PlacedComponent: Codable, Equatable, Sendable {
  /// The component.
  public var name: String
  /// As in `ComponentReport`.
  public var kind: String
}

/// One image of a structure, or several that are made of the same parts.
public struct PlacedImage: Codable, Equatable, Sendable {
  /// The images' names: `kernel`, a server, or programs that differ in nothing but themselves.
  public var images: [String]
  /// What they are.
  public var role: ImageRole
  /// `S` or `U`.
  public var privilege: String
  /// What they are made of, without the programs themselves.
  public var components: [PlacedComponent]
}

/// Where the components of one structure sit.
public struct StructureLayout: Codable, Equatable, Sendable {
  /// The structure.
  public var kernel: String
  /// The kernel, the servers, then the programs.
  public var images: [PlacedImage]
}

/// Where one service sits in one structure.
public struct ServicePlace: Codable, Equatable, Sendable {
  /// The structure.
  public var kernel: String
  /// In what kind of image.
  public var role: ImageRole
  /// `S` or `U`.
  public var privilege: String
  /// How many images hold it.
  public var images: Int
}

/// One service, driver or kernel part with its places.
public struct ServiceRow: Codable, Equatable, Sendable {
  /// The component.
  public var service: String
  /// As in `ComponentReport`.
  public var kind: String
  /// Its places; none for a structure that does without it.
  public var places: [ServicePlace]
}

/// What `compare structure` answers.
public struct StructureComparison: Codable, Equatable, Sendable {
  /// One layout a structure.
  public var structures: [StructureLayout]
  /// One row a service.
  public var services: [ServiceRow]
}

/// One section of a linked image.
public struct SectionReport: Codable, Equatable, Sendable {
  /// The section's name.
  public var name: String
  /// Its virtual address.
  public var address: UInt64
  /// Bytes in memory.
  public var bytes: UInt64
  /// Bytes in the file; 0 for zeroed data.
  public var fileBytes: UInt64
  /// The component it belongs to, or the image's name.
  public var component: String
  /// What it holds, such as `text` or `constants`.
  public var part: String
  /// What the file asks for, such as `r-x`.
  public var permissions: String
}

/// What `info image` answers.
public struct ImageReport: Codable, Equatable, Sendable {
  /// The structure.
  public var kernel: String
  /// `kernel` or the program.
  public var image: String
  /// `S` or `U`, in which it runs.
  public var privilege: String
  /// Bytes that a loader copies into memory.
  public var loadableBytes: UInt64
  /// The address of the first instruction.
  public var entry: UInt64
  /// Loaded sections in the order of their addresses.
  public var sections: [SectionReport]
}

/// One call that user code makes into the kernel, found in the linked images.
public struct SystemCallReport: Codable, Equatable, Sendable {
  /// The number that the caller puts into a7; nil when it is no constant.
  public var number: UInt64?
  /// The functions that trap with it.
  public var functions: [String]
  /// The programs and servers that contain one of these.
  public var users: [String]
}

/// The calls of one structure.
public struct SystemCallTable: Codable, Equatable, Sendable {
  /// The structure.
  public var kernel: String
  /// By number.
  public var calls: [SystemCallReport]
}

/// What `info calls` answers.
public struct SystemCallList: Codable, Equatable, Sendable {
  /// One table a structure.
  public var kernels: [SystemCallTable]
}
