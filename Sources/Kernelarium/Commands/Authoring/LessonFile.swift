// A lesson's file as authors name it: by its path, or by the lesson's id. Unlike `LessonDocument`, it may be broken.

import Foundation
import Lessons

/// The file of a lesson.
struct LessonFile: Equatable, Sendable {
  let path: String

  /// The file's text.
  func source() throws(CommandError) -> String {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw CommandError(.badFile, "\(path) cannot be read", hint: "name a lesson's id or a Markdown file")
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      throw CommandError(.badFile, "\(path) is not UTF-8 text", hint: "save it in UTF-8")
    }
    return text
  }

  /// The path from the root.
  var absolutePath: String { URL(fileURLWithPath: path).path }

  /// The folder that it stands in.
  var folder: URL { URL(fileURLWithPath: path).deletingLastPathComponent() }

  /// The misconceptions that the lesson may name: those beside it, and `others`.
  func misconceptions(besides others: MisconceptionCatalogue) throws(CommandError) -> MisconceptionCatalogue {
    do throws(LessonError) {
      var catalogue = try MisconceptionCatalogue.beside(lesson: path)
      catalogue.merge(others)
      return catalogue
    } catch {
      throw CommandError(.lesson, error.description, hint: "correct \(MisconceptionCatalogue.fileName)")
    }
  }

  /// The lesson in it.
  func lesson() throws(CommandError) -> LessonDocument {
    do throws(LessonError) {
      return try LessonDocument.read(file: path)
    } catch {
      throw CommandError(.lesson, error.description, hint: "`lesson lint \(path)` shows everything that is wrong")
    }
  }
}

extension ArgumentKind where Value == LessonFile {
  /// A path that ends in `.md`, the id of a lesson, or the beginning of one.
  static let lessonFile = ArgumentKind(
    parse: { token, session throws(CommandError) in
      if token.text.hasSuffix(".md") { return LessonFile(path: token.text) }
      let library = LessonPlaces.library()
      if let lesson = library.lesson(named: token.text) { return LessonFile(path: lesson.file) }
      // A lesson that cannot be read is found by its file's name.
      if let broken = library.errors.first(where: { $0.location.file.contains(token.text) }) {
        return LessonFile(path: broken.location.file)
      }
      return LessonFile(path: try ArgumentKind<LessonDocument>.lesson.parse(token, session).file)
    },
    candidates: { prefix, _ in
      LessonPlaces.library().lessons.map(\.id) + FileNames.starting(with: prefix).filter { $0.hasSuffix(".md") }
    })
}
