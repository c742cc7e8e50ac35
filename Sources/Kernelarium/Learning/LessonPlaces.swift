// Where lessons are found and progress is kept: facts of this process and this user, for the lesson commands.

import Lessons

/// The places of lessons and progress.
enum LessonPlaces {
  /// The lessons of this installation and of the user.
  static func library() -> LessonLibrary {
    let folders = LessonLibrary.standardFolders(
      environment: ProcessPlaces.environment, executable: ProcessPlaces.executable,
      currentFolder: ProcessPlaces.currentFolder)
    return LessonLibrary(folders: folders)
  }

  /// The user's progress.
  static func store() -> ProgressStore {
    ProgressStore(folder: ProgressStore.standardFolder(environment: ProcessPlaces.environment))
  }
}
