// `lesson new`: a lesson in miniature that works, for its author to change.

import Foundation
import Lessons

/// Writes a new lesson's file.
struct LessonNewCommand: Command {
  let name = "lesson new"
  let group = CommandGroup.learning
  let summary = "write a new lesson that works, to be changed"
  let help = CommandHelp(
    """
    The file is written into the current folder, under the lesson's id, or where `--output` says; a file that is there \
    is never replaced. It passes `lesson lint` and `lesson test` as it stands.
    """,
    examples: ["lesson new my-lesson", "lesson new paging --title \"How a page comes in\""],
    next: ["lesson lint", "lesson test", "lesson preview"])
  var parameters: [any CommandParameter] { [Self.id, Self.title, Self.output] }

  private static let id = Required(
    "ID",
    ArgumentKind<String> { token, _ throws(CommandError) in
      guard LessonSkeleton.isValid(id: token.text) else {
        throw CommandError(
          .invalidArgument, "`\(token.text)` is no id: lower-case letters, digits and hyphens",
          hint: "for example `\(LessonSkeleton.proposal(for: token.text))`", at: token.span)
      }
      return token.text
    }, "the new lesson's id")
  private static let title = ValueOption("--title", "TITLE", ArgumentKind<String>.text, "its title")
  private static let output = ValueOption("--output", "FILE", ArgumentKind<String>.file, "the file to be written")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let id = arguments[Self.id]
    let path = arguments[Self.output] ?? id + ".md"
    let title = arguments[Self.title] ?? id.split(separator: "-").joined(separator: " ").capitalizedSentence
    guard !title.isEmpty, !title.contains(where: \.isNewline) else {
      throw CommandError(.invalidArgument, "a title is one line", hint: "--title \"How a page comes in\"")
    }
    if FileManager.default.fileExists(atPath: path) {
      throw CommandError(.badFile, "\(path) is already there", hint: "choose another id, or another file by --output")
    }
    if let lesson = LessonPlaces.library().lessons.first(where: { $0.id == id }) {
      throw CommandError(.lesson, "the id `\(id)` is already that of \(lesson.file)", hint: "choose another")
    }
    try TextFile.write(LessonSkeleton.source(id: id, title: title), to: path)
    return CommandResult(NewLessonValue(lesson: id, file: path), next: "`lesson test \(path)` shows that it works.")
  }
}

private struct NewLessonValue: CommandValue {
  let lesson: String
  let file: String

  func describe(in text: inout StyledText) {
    text.paragraph("\("✓", .good) \(file) holds the lesson \(lesson, .name). Change it in any editor.", hanging: 2)
  }
}

extension String {
  /// The text with its first letter large.
  fileprivate var capitalizedSentence: String { prefix(1).uppercased() + dropFirst() }
}
