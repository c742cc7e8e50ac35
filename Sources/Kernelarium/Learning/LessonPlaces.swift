// Where lessons are found and progress is kept: facts of this process and this user, for the lesson commands.

import Foundation
import Lessons

/// The places of lessons and progress.
enum LessonPlaces {
  /// The folders that are searched, in this order.
  static var folders: [URL] {
    LessonLibrary.standardFolders(
      environment: ProcessPlaces.environment, executable: ProcessPlaces.executable,
      currentFolder: ProcessPlaces.currentFolder, added: added.folders)
  }

  /// The folders that the user has added.
  static var added: LessonFolders { LessonFolders.standard(environment: ProcessPlaces.environment) }

  /// The lessons of this installation and of the user.
  static func library() -> LessonLibrary { LessonLibrary(folders: folders) }

  /// The user's progress.
  static func store() -> ProgressStore {
    ProgressStore(folder: ProgressStore.standardFolder(environment: ProcessPlaces.environment))
  }
}
