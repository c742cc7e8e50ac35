// The guests' sources on disk: what belongs to one object, and where headers are found.

import Foundation

/// Sources/Guests and the sources of GuestABI.
public struct GuestTree: Sendable {
  /// Sources/Guests.
  public let guests: URL
  /// Sources/GuestABI, whose Swift files are compiled into every object.
  public let abi: URL

  /// Makes a tree from its two folders.
  public init(guests: URL, abi: URL) {
    self.guests = guests.standardizedFileURL
    self.abi = abi.standardizedFileURL
  }

  /// The sources of one object: the files in its folder and the folders below.
  struct Sources: Sendable {
    var folder: URL
    var swift: [URL]
    var c: [URL]
    var headers: [URL]
  }

  /// Finds an object's sources.
  ///
  /// - Throws: `GuestBuildError.object` when there is no such folder or nothing to compile in it.
  func sources(of reference: ObjectReference) throws(GuestBuildError) -> Sources {
    let folder = guests.appendingPathComponent(reference.folder)
    guard isFolder(folder) else {
      let parent = folder.deletingLastPathComponent()
      let siblings = isFolder(parent) ? try children(of: parent).filter(isFolder).map(\.lastPathComponent) : []
      throw GuestBuildError.object(
        name: reference.folder, problem: "there is no such folder under \(guests.path)",
        hint: siblings.isEmpty
          ? "check the recipe's spelling"
          : "\(parent.lastPathComponent) has \(siblings.joined(separator: ", "))")
    }
    let files = try filesBelow(folder)
    let sources = Sources(
      folder: folder, swift: files.filter { $0.pathExtension == "swift" },
      c: files.filter { ["c", "S"].contains($0.pathExtension) },
      headers: files.filter { Self.isHeader($0) })
    guard !sources.swift.isEmpty || !sources.c.isEmpty else {
      throw GuestBuildError.object(
        name: reference.folder, problem: "nothing to compile in \(folder.path)",
        hint: "an object is made of the .swift, .c and .S files in its folder and below")
    }
    return sources
  }

  /// Swift files that are compiled into every object with Swift in it.
  func sharedSwift() throws(GuestBuildError) -> [URL] {
    let support = guests.appendingPathComponent("Support")
    let helpers = isFolder(support) ? try filesBelow(support) : []
    return (helpers + (try children(of: abi))).filter { $0.pathExtension == "swift" }
  }

  /// Folders in which every object finds headers and module maps: the interfaces, and all folders called `include`.
  func headerFolders() throws(GuestBuildError) -> [URL] {
    [guests.appendingPathComponent("Interfaces")].filter(isFolder) + (try includeFolders(below: guests))
  }

  /// The headers and module maps of a folder.
  func headers(in folder: URL) throws(GuestBuildError) -> [URL] {
    try children(of: folder).filter { Self.isHeader($0) }
  }

  private func includeFolders(below folder: URL) throws(GuestBuildError) -> [URL] {
    guard isFolder(folder) else { return [] }
    var found: [URL] = []
    for child in try children(of: folder) where isFolder(child) {
      if child.lastPathComponent == "include" {
        found.append(child)
      } else {
        found += try includeFolders(below: child)
      }
    }
    return found
  }

  private func filesBelow(_ folder: URL) throws(GuestBuildError) -> [URL] {
    var found: [URL] = []
    for child in try children(of: folder) {
      if isFolder(child) {
        found += try filesBelow(child)
      } else {
        found.append(child)
      }
    }
    return found
  }

  private static func isHeader(_ file: URL) -> Bool { ["h", "modulemap"].contains(file.pathExtension) }

  private func isFolder(_ url: URL) -> Bool {
    var isDirectory: ObjCBool = false
    return FileManager.default.fileExists(atPath: url.path, isDirectory: &isDirectory) && isDirectory.boolValue
  }

  private func children(of folder: URL) throws(GuestBuildError) -> [URL] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder.path)
        .filter { !$0.hasPrefix(".") }.sorted().map { folder.appendingPathComponent($0) }
    } catch {
      throw GuestBuildError.file(path: folder.path, problem: "cannot be read: \(error.localizedDescription)")
    }
  }
}
