// Finds lessons in folders. A lesson that cannot be read is listed with its error and never hides the others.

import Foundation

/// The lessons that can be started.
public struct LessonLibrary: Sendable {
  /// A lesson's file and what is in it.
  public struct Entry: Sendable {
    /// The file.
    public let file: String
    /// The lesson, or what is wrong with it.
    public let lesson: Result<LessonDocument, LessonError>
  }

  /// Every file, folder after folder, by file name: the order of teaching.
  public let entries: [Entry]
  /// What is wrong with the folders themselves.
  public let notes: [String]
  /// The misconceptions of all folders.
  public let misconceptions: MisconceptionCatalogue

  /// The lessons that can be read.
  public var lessons: [LessonDocument] { entries.compactMap { try? $0.lesson.get() } }

  /// The errors of those that cannot.
  public var errors: [LessonError] {
    entries.compactMap { entry in if case .failure(let error) = entry.lesson { error } else { nil } }
  }

  /// Reads the lessons of `folders`, which are `.md` files directly in them, `README.md` apart; earlier folders come
  /// first.
  public init(folders: [URL]) {
    var entries: [Entry] = []
    var notes: [String] = []
    var misconceptions = MisconceptionCatalogue()
    for folder in folders {
      do {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        let files = names.filter { $0.hasSuffix(".md") && !$0.hasPrefix(".") && $0 != "README.md" }
        for name in files.sorted() {
          entries.append(Self.read(folder.appendingPathComponent(name).path))
        }
        if names.contains(MisconceptionCatalogue.fileName) {
          let file = folder.appendingPathComponent(MisconceptionCatalogue.fileName).path
          do throws(LessonError) {
            misconceptions.merge(try MisconceptionCatalogue(file: file))
          } catch {
            notes.append(error.description)
          }
        }
      } catch {
        notes.append("the lessons' folder \(folder.path) cannot be read")
      }
    }
    self.entries = Self.withoutConflicts(entries)
    self.notes = notes
    self.misconceptions = misconceptions
  }

  private static func read(_ file: String) -> Entry {
    do throws(LessonError) {
      return Entry(file: file, lesson: .success(try LessonDocument.read(file: file)))
    } catch {
      return Entry(file: file, lesson: .failure(error))
    }
  }

  /// Turns a second lesson with a known id, and one that requires an unknown lesson, into errors.
  private static func withoutConflicts(_ entries: [Entry]) -> [Entry] {
    let known = entries.compactMap { try? $0.lesson.get().id }
    var owners: [String: String] = [:]
    return entries.map { entry in
      guard let lesson = try? entry.lesson.get() else { return entry }
      let place = LessonLocation(file: entry.file, line: 2)
      if let owner = owners[lesson.id] {
        let error = LessonError(
          at: place, "the lesson id `\(lesson.id)` is already that of \(owner)", expected: "an id of its own")
        return Entry(file: entry.file, lesson: .failure(error))
      }
      owners[lesson.id] = entry.file
      if let missing = lesson.requires.first(where: { !known.contains($0) }) {
        let error = LessonError(
          at: place, "it requires the lesson `\(missing)`, which is not there", expected: "the id of another lesson",
          suggestion: NearestSpelling.suggestion(for: missing, among: known))
        return Entry(file: entry.file, lesson: .failure(error))
      }
      return entry
    }
  }

  /// The lesson with an id, or the one whose id begins with `name` if only one does.
  public func lesson(named name: String) -> LessonDocument? {
    if let exact = lessons.first(where: { $0.id == name }) { return exact }
    let matches = lessons.filter { $0.id.hasPrefix(name) }
    return matches.count == 1 ? matches[0] : nil
  }

  /// The id nearest to a name that no lesson has; nil if none is near.
  public func nearestID(to name: String) -> String? { NearestSpelling.of(name, among: lessons.map(\.id)) }

  /// The folders to look in: those of `KERNELARIUM_LESSONS` (separated by colons), those the user has added, then the
  /// program's own.
  ///
  /// The program's own folder is `lessons` in the checkout that `executable` was built in, or
  /// `../share/kernelarium/lessons` beside an installed one, or `lessons` in the current folder.
  public static func standardFolders(
    environment: [String: String], executable: URL, currentFolder: URL, added: [URL] = []
  ) -> [URL] {
    let named = (environment["KERNELARIUM_LESSONS"] ?? "").split(separator: ":")
      .map { URL(fileURLWithPath: String($0), relativeTo: currentFolder).standardizedFileURL }
    let own = ownFolder(executable: executable.resolvingSymlinksInPath(), currentFolder: currentFolder)
    var folders: [URL] = []
    for folder in named + added + [own].compactMap({ $0 }) where !folders.contains(where: { $0.path == folder.path }) {
      folders.append(folder)
    }
    return folders
  }

  private static func ownFolder(executable: URL, currentFolder: URL) -> URL? {
    let files = FileManager.default
    var folder = executable.deletingLastPathComponent()
    let installed = folder.deletingLastPathComponent().appendingPathComponent("share/kernelarium/lessons")
    if files.fileExists(atPath: installed.path) { return installed.standardizedFileURL }
    while folder.path != "/" {
      let lessons = folder.appendingPathComponent("lessons")
      let manifest = folder.appendingPathComponent("Package.swift")
      if files.fileExists(atPath: lessons.path), files.fileExists(atPath: manifest.path) { return lessons }
      folder = folder.deletingLastPathComponent()
    }
    let here = currentFolder.appendingPathComponent("lessons")
    return files.fileExists(atPath: here.path) ? here : nil
  }
}
