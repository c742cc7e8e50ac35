// The folders of lessons that a user has named once: one path a line in a small file of the state folder. A folder that
// is gone stays in the list until it is removed, and hinders nothing.

import Foundation

/// The user's list of folders.
public struct LessonFolders: Sendable {
  /// The file that holds the list.
  public let file: URL

  /// A list in `file`, which is created when something is first added.
  public init(file: URL) { self.file = file }

  /// The list of this user, beside the folder of their progress.
  public static func standard(environment: [String: String]) -> LessonFolders {
    let state = ProgressStore.standardFolder(environment: environment).deletingLastPathComponent()
    return LessonFolders(file: state.appendingPathComponent("lesson-folders"))
  }

  /// The folders in the order in which they were added.
  public var folders: [URL] {
    guard let data = try? Data(contentsOf: file) else { return [] }
    return String(decoding: data, as: UTF8.self).split(separator: "\n").map { URL(fileURLWithPath: String($0)) }
  }

  /// Adds a folder or a checkout that has its lessons in `lessons`.
  ///
  /// - Returns: the folder with the lessons.
  /// - Throws: ``LessonFolderError``.
  public func add(_ folder: URL) throws(LessonFolderError) -> URL {
    let chosen = try Self.lessonFolder(in: folder.standardizedFileURL)
    guard !folders.contains(where: { $0.path == chosen.path }) else {
      throw LessonFolderError(message: "\(chosen.path) is in the list already", hint: "`lesson folders` shows it")
    }
    guard !chosen.path.contains("\n") else {
      throw LessonFolderError(message: "the folder's name has a line end in it", hint: "give it another name")
    }
    try write(folders + [chosen])
    return chosen
  }

  /// Takes a folder out of the list, whether it exists or not.
  ///
  /// - Returns: the folder that was in the list.
  /// - Throws: ``LessonFolderError``.
  public func remove(_ folder: URL) throws(LessonFolderError) -> URL {
    let path = folder.standardizedFileURL.path
    guard let found = folders.first(where: { $0.path == path || $0.path == path + "/lessons" }) else {
      throw LessonFolderError(message: "\(path) is not in the list", hint: "`lesson folders` shows it")
    }
    try write(folders.filter { $0.path != found.path })
    return found
  }

  private static func lessonFolder(in folder: URL) throws(LessonFolderError) -> URL {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder), isFolder.boolValue else {
      throw LessonFolderError(
        message: "\(folder.path) is no folder", hint: "name a folder of lessons or a git checkout")
    }
    for candidate in [folder, folder.appendingPathComponent("lessons")] {
      if !LessonLibrary(folders: [candidate]).entries.isEmpty { return candidate.standardizedFileURL }
    }
    throw LessonFolderError(
      message: "there are no lessons in \(folder.path)", hint: "lessons are `.md` files in it or in its `lessons`")
  }

  private func write(_ folders: [URL]) throws(LessonFolderError) {
    let text = folders.map { $0.path + "\n" }.joined()
    do {
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file, options: .atomic)
    } catch {
      throw LessonFolderError(
        message: "the list cannot be kept in \(file.path): \(error.localizedDescription)",
        hint: "KERNELARIUM_LESSONS can name folders too")
    }
  }
}

/// Why the list was not changed.
public struct LessonFolderError: Error, Equatable, Sendable {
  /// What is wrong.
  public let message: String
  /// One thing to try next.
  public let hint: String
}
