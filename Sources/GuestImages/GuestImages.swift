// The images that were built with the package: read when asked for, from the package's resources.
//
// Callers must not write to the resources, and must not assume which structures there are.

import Foundation
import GuestBuilder

/// One structure's image, as it was linked.
public struct GuestImage: Sendable {
  /// Which objects went where.
  public let manifest: ImageManifest
  /// The kernel's ELF file, with symbols and line tables.
  public let kernel: [UInt8]
  /// The programs' ELF files by name, with symbols and line tables.
  public let programs: [String: [UInt8]]
}

/// Why an image could not be read.
public enum GuestImageError: Error, Equatable, Sendable {
  /// No such structure was built; with those that were.
  case unknownStructure(String, available: [String])
  /// A bundled file is missing or damaged.
  case damaged(file: String, problem: String)
}

extension GuestImageError: CustomStringConvertible {
  /// The error as text for a person, with what to try next.
  public var description: String {
    switch self {
    case .unknownStructure(let name, let available):
      "there is no structure \(name); there are \(available.joined(separator: ", "))"
    case .damaged(let file, let problem):
      "\(file): \(problem) (build the package again)"
    }
  }
}

/// The bundled images.
public enum GuestImages {
  /// The names of the structures that can be booted, sorted.
  public static var structures: [String] {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: Bundle.module.bundlePath)) ?? []
    return files.filter { $0.hasSuffix(".elf") }.map { String($0.dropLast(4)) }.sorted()
  }

  /// Reads a structure's image.
  ///
  /// - Parameter structure: One of `structures`.
  /// - Throws: `GuestImageError`.
  public static func image(of structure: String) throws(GuestImageError) -> GuestImage {
    guard structures.contains(structure) else {
      throw GuestImageError.unknownStructure(structure, available: structures)
    }
    let manifest: ImageManifest
    do {
      manifest = try JSONDecoder().decode(ImageManifest.self, from: Data(try resource("\(structure).json")))
    } catch let error as GuestImageError {
      throw error
    } catch {
      throw GuestImageError.damaged(file: "\(structure).json", problem: "\(error)")
    }
    let programs = try archive("\(structure).programs").members.map { ($0.name, [UInt8]($0.content)) }
    return GuestImage(
      manifest: manifest, kernel: try resource("\(structure).elf"),
      programs: Dictionary(programs, uniquingKeysWith: { first, _ in first }))
  }

  /// The disk's image as it was built: the same for every structure.
  ///
  /// - Throws: `GuestImageError.damaged`.
  public static func disk() throws(GuestImageError) -> [UInt8] { try resource("disk.img") }

  /// The recipe that a structure's image was linked by.
  ///
  /// - Throws: `GuestImageError`.
  public static func recipe(of structure: String) throws(GuestImageError) -> Recipe {
    guard structures.contains(structure) else {
      throw GuestImageError.unknownStructure(structure, available: structures)
    }
    let file = "\(structure).recipe"
    let json = Data(try resource(file))
    do throws(GuestBuildError) {
      return try Recipe(json: json, name: file)
    } catch {
      throw GuestImageError.damaged(file: file, problem: error.description)
    }
  }

  /// The objects of components, from which images are linked, by name.
  ///
  /// - Parameter checked: Whether they have the language's run-time checks; without, only those that a unikernel can be
  ///   linked from.
  /// - Throws: `GuestImageError.damaged`.
  public static func components(checked: Bool = true) throws(GuestImageError) -> [String: [UInt8]] {
    let objects = try archive(checked ? "components.a" : "components-unchecked.a").members.map { member in
      (member.name.hasSuffix(".o") ? String(member.name.dropLast(2)) : member.name, [UInt8](member.content))
    }
    return Dictionary(objects, uniquingKeysWith: { first, _ in first })
  }

  private static func archive(_ name: String) throws(GuestImageError) -> FileArchive {
    let bytes = try resource(name)
    do throws(FileArchive.Damaged) {
      return try FileArchive(bytes)
    } catch {
      throw GuestImageError.damaged(file: name, problem: "byte \(error.offset): expected \(error.expected)")
    }
  }

  private static func resource(_ name: String) throws(GuestImageError) -> [UInt8] {
    guard let content = try? Data(contentsOf: Bundle.module.bundleURL.appendingPathComponent(name))
    else { throw GuestImageError.damaged(file: name, problem: "the file is missing") }
    return [UInt8](content)
  }
}
