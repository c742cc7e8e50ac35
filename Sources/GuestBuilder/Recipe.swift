// Recipes: which objects form the image of a structure. They are data; no structure is known to this code.
//
// A recipe names objects by their folder under Sources/Guests. It must not name a folder twice in one image,
// and two folders must not end in the same name, because that name marks the object's sections.

import Foundation
import GuestABI

/// What an object is in the system it is linked into.
public enum ComponentKind: String, Codable, CaseIterable, Sendable {
  /// The boundary to the hardware, or to the kernel in a user-mode program.
  case runtime
  /// A part that kernels are composed of.
  case kernel
  /// What is special to one structure.
  case core
  case service
  case driver
  /// The client's side of an interface: marshals a call into a message or an `ecall`.
  case stub
  /// The server's side of an interface.
  case server
  case program
}

/// One object of an image; in JSON an object with one field, such as `{"driver": "Components/blk"}`.
public struct ObjectReference: Hashable, Sendable {
  /// What the object is.
  public var kind: ComponentKind
  /// The folder of its sources under Sources/Guests.
  public var folder: String

  /// Makes a reference.
  public init(kind: ComponentKind, folder: String) {
    self.kind = kind
    self.folder = folder
  }

  /// The object's name: the last part of its folder.
  public var name: String {
    String(folder[(folder.lastIndex(of: "/").map(folder.index(after:)) ?? folder.startIndex)...])
  }
}

/// The composition of one structure.
public struct Recipe: Codable, Equatable, Sendable {
  /// A service that runs in user mode, with everything linked into its program.
  public struct Server: Codable, Equatable, Sendable {
    /// The program's name in the boot archive, at most `Recipe.maximumProgramName` bytes.
    public var name: String
    /// The service that it is (`GuestABI.Service`); nil: the one with its own name.
    public var service: String?
    /// The services that it may call.
    public var calls: [String]
    /// The kind of device that it drives (`GuestABI.DeviceKind`).
    public var device: String?
    /// What it manages for others: `tasks`, `memory`.
    public var manages: [String]
    /// Whether it runs only when someone starts it.
    public var onDemand: Bool
    /// Its objects.
    public var objects: [ObjectReference]

    /// Makes a server.
    public init(
      name: String, objects: [ObjectReference], service: String? = nil, calls: [String] = [], device: String? = nil,
      manages: [String] = [], onDemand: Bool = false
    ) {
      self.name = name
      self.objects = objects
      self.service = service
      self.calls = calls
      self.device = device
      self.manages = manages
      self.onDemand = onDemand
    }
  }

  /// Other objects in the library of some programs.
  public struct LibraryVariant: Codable, Equatable, Sendable {
    /// The name of a second image of the one program that it is for; nil: the program's only image is meant.
    public var name: String?
    /// The folders of the programs that it is for.
    public var programs: [String]
    /// The folder of the library's object that they do without.
    public var without: String
    /// What they have in its place.
    public var with: [ObjectReference]

    /// Makes a variant.
    public init(programs: [String], without: String, with: [ObjectReference], name: String? = nil) {
      self.name = name
      self.programs = programs
      self.without = without
      self.with = with
    }
  }

  /// One linked program of the boot archive.
  public struct ProgramImage: Equatable, Sendable {
    /// Its name in the boot archive.
    public var name: String
    /// Its objects, in link order.
    public var objects: [ObjectReference]
    /// What goes with it into the boot archive.
    public var rights: ArchiveRights

    /// Two images with the same name, objects and rights are the same.
    public static func == (left: ProgramImage, right: ProgramImage) -> Bool {
      left.name == right.name && left.objects == right.objects && left.rights.words == right.rights.words
    }
  }

  /// The structure's name, such as `micro`.
  public var structure: String
  /// The objects of the kernel's image, in link order.
  public var kernel: [ObjectReference]
  /// The objects that are linked into every ordinary program: start-up code and the ways to the services.
  public var library: [ObjectReference]
  /// What differs in the library of some programs.
  public var variants: [LibraryVariant] = []
  /// The services that an ordinary program may call by messages.
  public var calls: [String]
  /// The user-mode servers, which come first in the boot archive.
  public var servers: [Server]
  /// The folders of the ordinary programs, in the boot archive's order.
  public var programs: [String]
  /// The folders of programs of another system: they are linked alone, and trap with that system's calls.
  public var foreign: [String] = []
  /// The modules that the running kernel can take in.
  public var modules: [Module] = []
  /// Programs that may call services as administrators, with the names of those services; `modules` for the right to
  /// take modules into the kernel.
  ///
  /// The right holds only for one that was started by an administrator of `pm`.
  public var administrators: [String: [String]] = [:]
  /// Objects that are in no image until a link at run time puts one in the place of another.
  public var alternatives: [ObjectReference] = []
  /// What changes together with an object: by the name of an alternative, the objects that have to go as well, and the
  /// alternatives in their places.
  public var together: [String: [String: String]] = [:]

  /// The longest name of a program, in bytes.
  public static let maximumProgramName = 15

  /// Makes a recipe.
  public init(
    structure: String, kernel: [ObjectReference], library: [ObjectReference] = [], calls: [String] = [],
    servers: [Server] = [], programs: [String] = []
  ) {
    self.structure = structure
    self.kernel = kernel
    self.library = library
    self.calls = calls
    self.servers = servers
    self.programs = programs
  }

  /// Reads a recipe from JSON and checks it.
  ///
  /// - Parameters:
  ///   - json: The file's content.
  ///   - name: The file's name, for error messages.
  /// - Throws: `GuestBuildError.recipe` naming the place in the file.
  public init(json: Data, name: String) throws(GuestBuildError) {
    if let problem = Self.syntaxError(in: json) {
      throw GuestBuildError.recipe(name: name, problem: problem, hint: "look for a missing comma or bracket")
    }
    do {
      self = try JSONDecoder().decode(Recipe.self, from: json)
    } catch let error as DecodingError {
      throw GuestBuildError.recipe(
        name: name, problem: error.plainDescription,
        hint:
          "fields: \(CodingKeys.allCases.map(\.rawValue).joined(separator: ", ")); objects are written {\"KIND\": \"FOLDER\"}"
      )
    } catch {
      throw GuestBuildError.recipe(name: name, problem: "\(error)", hint: "a recipe is one JSON object")
    }
    try validate(name: name)
  }

  /// The programs of the boot archive: the servers, then the ordinary programs with the library.
  public var programImages: [ProgramImage] {
    servers.map { ProgramImage(name: $0.name, objects: $0.objects, rights: $0.rights) }
      + programs.flatMap { folder in
        let program = ObjectReference(kind: .program, folder: folder)
        var rights = ArchiveRights()
        rights.calls = Self.mask(of: calls) | administration(of: program.name) << 32
        let names = [program.name] + variants.filter { $0.programs.contains(folder) }.compactMap(\.name)
        return names.map {
          ProgramImage(name: $0, objects: library(of: folder, called: $0) + [program], rights: rights)
        }
      }
      + foreign.map { folder in
        let program = ObjectReference(kind: .program, folder: folder)
        var rights = ArchiveRights()
        rights.flags = ArchiveFlags.foreign.rawValue
        return ProgramImage(name: program.name, objects: [program], rights: rights)
      }
  }

  /// The library's objects as an image of a program has them.
  private func library(of program: String, called name: String) -> [ObjectReference] {
    let fitting = variants.filter { $0.programs.contains(program) && ($0.name == nil || $0.name == name) }
    return fitting.reduce(library) { library, variant in
      library.flatMap { $0.folder == variant.without ? variant.with : [$0] }
    }
  }

  /// The program that is linked into the kernel itself and is its only application; nil where programs are loaded.
  public var application: ObjectReference? { kernel.first { $0.kind == .program } }

  /// Every object that the structure needs, each once, in order of first use.
  public var objects: [ObjectReference] {
    var seen: Set<ObjectReference> = []
    return (kernel + (programImages + moduleImages).flatMap(\.objects) + alternatives).filter {
      seen.insert($0).inserted
    }
  }

  /// Checks what the decoder cannot see: names and duplicates.
  ///
  /// - Parameter name: The recipe's name in error messages.
  /// - Throws: `GuestBuildError.recipe`.
  public func validate(name: String) throws(GuestBuildError) {
    func fail(_ problem: String, _ hint: String) -> GuestBuildError {
      .recipe(name: name, problem: problem, hint: hint)
    }

    guard Self.isPlain(structure) else {
      throw fail("the structure's name \"\(structure)\" is not plain", Self.nameRule)
    }
    guard !kernel.isEmpty else {
      throw fail("the kernel has no objects", "list at least a runtime that defines `reset`")
    }

    var folders: [String: String] = [:]
    var kinds: [String: ComponentKind] = [:]
    for object in objects {
      let parts = object.folder.split(separator: "/", omittingEmptySubsequences: false)
      guard !parts.contains(where: { $0.isEmpty || $0 == "." || $0 == ".." }) else {
        throw fail("\"\(object.folder)\" is not a folder under Sources/Guests", "write it as in Components/blk")
      }
      guard Self.isPlain(object.name) else { throw fail("\"\(object.folder)\" has no plain name", Self.nameRule) }
      if let other = folders.updateValue(object.folder, forKey: object.name), other != object.folder {
        throw fail("\(other) and \(object.folder) would both be the object \(object.name)", "rename one of the folders")
      }
      if let other = kinds.updateValue(object.kind, forKey: object.folder), other != object.kind {
        throw fail("\(object.folder) is called \(other.rawValue) and \(object.kind.rawValue)", "an object has one kind")
      }
    }

    for folder in kinds.keys.sorted() {
      if let outer = kinds.keys.first(where: { folder.hasPrefix($0 + "/") }) {
        throw fail("\(folder) lies inside the object \(outer)", "an object is made of everything below its folder")
      }
    }

    let applications = kernel.filter { $0.kind == .program }
    guard applications.count <= 1, application == nil || programImages.isEmpty else {
      throw fail(
        "the kernel has an application of its own (\(applications.map(\.name).joined(separator: ", "))) and others beside it",
        "one program in `kernel` and none in `servers` and `programs`, or none in `kernel`")
    }
    if let application, application.name.utf8.count > Self.maximumProgramName {
      throw fail(
        "\"\(application.name)\" cannot be an application's name", "at most \(Self.maximumProgramName) bytes")
    }

    var programs: Set<String> = []
    for program in programImages {
      guard Self.isPlain(program.name), program.name.utf8.count <= Self.maximumProgramName else {
        throw fail(
          "\"\(program.name)\" cannot be a program's name",
          "at most \(Self.maximumProgramName) bytes; \(Self.nameRule)")
      }
      guard programs.insert(program.name).inserted else {
        throw fail("there are two programs called \(program.name)", "rename a server or a program's folder")
      }
      guard !program.objects.isEmpty else {
        throw fail("the program \(program.name) has no objects", "list its runtime and its service")
      }
    }
    for (image, objects) in [("kernel", kernel)] + (programImages + moduleImages).map({ ($0.name, $0.objects) }) {
      var seen: Set<String> = []
      for object in objects where !seen.insert(object.folder).inserted {
        throw fail("\(object.folder) is in the image \(image) twice", "remove one of the two")
      }
    }
    for variant in variants {
      guard library.contains(where: { $0.folder == variant.without }) else {
        throw fail(
          "a variant does without \(variant.without), which is not in the library", "name one of `library`'s folders")
      }
      if let stranger = variant.programs.first(where: { !self.programs.contains($0) }) {
        throw fail("a variant is for \(stranger), which is no program of it", "name some of `programs`")
      }
      guard variant.name == nil || variant.programs.count == 1 else {
        throw fail("the variant \(variant.name ?? "") is for several programs", "an image of its own is for one")
      }
    }
    try validateRights(name: name)
    try validateModules(name: name)
  }

  private static let nameRule = "lower-case letters, digits, - and _, a letter first"

  static func isPlain(_ name: String) -> Bool {
    guard let first = name.utf8.first, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first) else { return false }
    return name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
      case UInt8(ascii: "-"), UInt8(ascii: "_"): true
      default: false
      }
    }
  }
}
