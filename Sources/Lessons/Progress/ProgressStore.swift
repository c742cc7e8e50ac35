// Keeps progress in the student's state folder, one small file a lesson. Files are replaced as a whole and under a
// lock, so that a crash or a second terminal loses nothing. Callers must show the notes they are given.

import Foundation

/// The folder of progress records.
public struct ProgressStore: Sendable {
  /// The folder that holds the records.
  public let folder: URL

  /// A store in `folder`, which is created when something is first written.
  public init(folder: URL) { self.folder = folder }

  /// The folder for this user: `$XDG_STATE_HOME/kernelarium/progress`, or the same below `~/.local/state`.
  public static func standardFolder(environment: [String: String]) -> URL {
    let state: URL
    // The base-directory specification tells programs to ignore a relative path.
    if let path = environment["XDG_STATE_HOME"], path.hasPrefix("/") {
      state = URL(fileURLWithPath: path)
    } else {
      let home = environment["HOME"] ?? NSHomeDirectory()
      state = URL(fileURLWithPath: home).appendingPathComponent(".local/state")
    }
    return state.appendingPathComponent("kernelarium/progress")
  }

  /// Reads the record of a lesson; a new one if there is none.
  ///
  /// - Returns: the record, and a note if a damaged file was moved aside.
  public func load(lesson: String) -> (progress: LessonProgress, note: String?) {
    let file = file(of: lesson)
    guard let data = try? Data(contentsOf: file) else { return (LessonProgress(lesson: lesson), nil) }
    if let progress = try? JSONDecoder().decode(LessonProgress.self, from: data),
      progress.lesson == lesson
    {
      return (progress, nil)
    }
    return (LessonProgress(lesson: lesson), moveAside(file))
  }

  /// Writes a record, together with the steps that another terminal has recorded meanwhile.
  ///
  /// - Returns: what is now in the file, and a note if something went wrong; the lesson can go on in any case.
  public func save(_ progress: LessonProgress) -> (progress: LessonProgress, note: String?) {
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      let lock = try FolderLock(folder: folder)
      defer { lock.release() }
      var (merged, note) = load(lesson: progress.lesson)
      let theirs = merged
      merged = progress
      merged.merge(theirs)
      try write(merged)
      return (merged, note)
    } catch {
      return (progress, "progress cannot be kept in \(folder.path): \(Self.reason(of: error))")
    }
  }

  /// Forgets what is known of a lesson.
  ///
  /// - Returns: a note if the record could not be removed.
  public func forget(lesson: String) -> String? {
    let file = file(of: lesson)
    guard FileManager.default.fileExists(atPath: file.path) else { return nil }
    do {
      try FileManager.default.removeItem(at: file)
      return nil
    } catch {
      return "\(file.path) cannot be removed: \(Self.reason(of: error))"
    }
  }

  private func file(of lesson: String) -> URL { folder.appendingPathComponent("\(lesson).json") }

  private func write(_ progress: LessonProgress) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
    // An atomic write goes to a file beside it, which then takes its place.
    try encoder.encode(progress).write(to: file(of: progress.lesson), options: .atomic)
  }

  private func moveAside(_ file: URL) -> String {
    var number = 1
    var aside = file.appendingPathExtension("damaged")
    while FileManager.default.fileExists(atPath: aside.path) {
      number += 1
      aside = file.appendingPathExtension("damaged-\(number)")
    }
    do {
      try FileManager.default.moveItem(at: file, to: aside)
      return "the progress in \(file.path) cannot be read; it was moved to \(aside.lastPathComponent)"
    } catch {
      return "the progress in \(file.path) cannot be read: \(Self.reason(of: error))"
    }
  }

  private static func reason(of error: any Error) -> String {
    (error as? FolderLock.Failure)?.reason ?? error.localizedDescription
  }
}

/// An exclusive lock on a folder, held while a record is read, merged and written.
private struct FolderLock {
  struct Failure: Error {
    let reason: String
  }

  private let descriptor: Int32

  init(folder: URL) throws(Failure) {
    let path = folder.appendingPathComponent(".lock").path
    descriptor = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw Failure(reason: String(cString: strerror(errno))) }
    while flock(descriptor, LOCK_EX) != 0 {
      guard errno == EINTR else {
        let reason = String(cString: strerror(errno))
        close(descriptor)
        throw Failure(reason: reason)
      }
    }
  }

  func release() { close(descriptor) }
}
