// `lesson add`, `lesson remove` and `lesson folders`: an instructor's lessons beside the program's own.

import Foundation
import Lessons

/// Remembers a folder of lessons.
struct LessonAddCommand: Command {
  let name = "lesson add"
  let group = CommandGroup.learning
  let summary = "look for lessons in a folder or a git checkout, from now on"
  let help = CommandHelp(
    """
    Lessons are `.md` files in the folder, or in a folder `lessons` of it. KERNELARIUM_LESSONS names folders for one \
    run, separated by colons. A lesson that cannot be read never hides the others.
    """,
    examples: ["lesson add ~/course/lessons"], next: ["lesson folders", "lesson list"])
  var parameters: [any CommandParameter] { [LessonFolderArgument.folder] }

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let folder = try LessonFolderArgument.change(arguments) { list, folder throws(LessonFolderError) in
      try list.add(folder)
    }
    return CommandResult(LessonFolderValue(folder, verb: "added"), next: "`lesson list` has them.")
  }
}

/// Forgets a folder of lessons.
struct LessonRemoveCommand: Command {
  let name = "lesson remove"
  let group = CommandGroup.learning
  let summary = "no longer look for lessons in a folder"
  let help = CommandHelp(
    "The folder itself stays as it is, and so does all progress.", examples: ["lesson remove ~/course/lessons"],
    next: ["lesson folders"])
  var parameters: [any CommandParameter] { [LessonFolderArgument.folder] }

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let folder = try LessonFolderArgument.change(arguments) { list, folder throws(LessonFolderError) in
      try list.remove(folder)
    }
    return CommandResult(LessonFolderValue(folder, verb: "removed"))
  }
}

/// Lists the folders of lessons.
struct LessonFoldersCommand: Command {
  let name = "lesson folders"
  let group = CommandGroup.learning
  let summary = "where lessons are looked for"
  let help = CommandHelp(
    "Those of KERNELARIUM_LESSONS, those added, and the program's own, in this order.", examples: ["lesson folders"],
    next: ["lesson add", "lesson remove"])

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    CommandResult(LessonFolderListing())
  }
}

private enum LessonFolderArgument {
  static let folder = Required(
    "DIR", ArgumentKind<String>.file, "a folder, or a git checkout with a folder `lessons`")

  static func change(
    _ arguments: Arguments, by change: (LessonFolders, URL) throws(LessonFolderError) -> URL
  ) throws(CommandError) -> URL {
    let path = (arguments[folder] as NSString).expandingTildeInPath
    do throws(LessonFolderError) {
      return try change(LessonPlaces.added, URL(fileURLWithPath: path, relativeTo: ProcessPlaces.currentFolder))
    } catch {
      throw CommandError(.badFile, error.message, hint: error.hint, at: arguments.span(of: folder))
    }
  }
}

private struct LessonFolderValue: CommandValue {
  let folder: String
  let lessons: Int
  let broken: [String]

  private let verb: String

  private enum CodingKeys: CodingKey {
    case folder, lessons, broken
  }

  init(_ folder: URL, verb: String) {
    let library = LessonLibrary(folders: [folder])
    self.folder = folder.path
    self.verb = verb
    lessons = library.lessons.count
    broken = library.errors.map(\.description)
  }

  func describe(in text: inout StyledText) {
    text.paragraph("\(folder, .name) \(verb): \(NumberStyle.count(lessons, "lesson"))", hanging: 2)
    for error in broken { text.paragraph("\("✗", .bad) \(error)", indent: 2, hanging: 2) }
  }
}

private struct LessonFolderListing: CommandValue {
  struct Folder: Encodable, Sendable {
    let folder: String
    let lessons: Int
    let broken: Int
    let isAdded: Bool
    let problem: String?
  }

  let folders: [Folder]

  init() {
    let added = LessonPlaces.added.folders.map(\.path)
    folders = LessonPlaces.folders.map { folder in
      let library = LessonLibrary(folders: [folder])
      return Folder(
        folder: folder.path, lessons: library.lessons.count, broken: library.errors.count,
        isAdded: added.contains(folder.path), problem: library.notes.first)
    }
  }

  func describe(in text: inout StyledText) {
    for folder in folders {
      let broken = folder.broken > 0 ? ", \(folder.broken) broken" : ""
      let origin = folder.isAdded ? " (added)" : ""
      text.paragraph(
        "\(folder.folder, .name)\(origin): \(NumberStyle.count(folder.lessons, "lesson"))\(broken)", hanging: 2)
      if let problem = folder.problem { text.paragraph(StyledLine(problem, .warning), indent: 2, hanging: 2) }
    }
  }
}
