import Foundation
import Testing

@testable import Lessons

/// Runs `body` with a new folder that is removed afterwards.
func withTemporaryFolder(_ body: (URL) throws -> Void) throws {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("lessons-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  try body(folder)
}

@Suite struct ProgressStoreTests {
  private func record(_ steps: String...) -> LessonProgress {
    var progress = LessonProgress(lesson: "machine")
    for step in steps { progress.done[step] = .init(contentHash: "0", solutionShown: false) }
    progress.current = steps.last
    return progress
  }

  @Test func whatIsSavedIsLoaded() throws {
    try withTemporaryFolder { folder in
      let store = ProgressStore(folder: folder.appendingPathComponent("deep/below"))
      #expect(store.load(lesson: "machine").progress == LessonProgress(lesson: "machine"))
      #expect(store.save(record("a")).note == nil)
      #expect(store.load(lesson: "machine").progress == record("a"))
      #expect(store.load(lesson: "other").progress.done.isEmpty)
    }
  }

  @Test func twoTerminalsLoseNothingOfEachOther() throws {
    try withTemporaryFolder { folder in
      let store = ProgressStore(folder: folder)
      _ = store.save(record("a"))
      _ = store.save(record("b"))
      #expect(Set(store.load(lesson: "machine").progress.done.keys) == ["a", "b"])
    }
  }

  @Test func manyWritersAtOnceLoseNothing() async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("lessons-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let store = ProgressStore(folder: folder)
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<40 { group.addTask { _ = store.save(record("step-\(number)")) } }
    }
    #expect(store.load(lesson: "machine").progress.done.count == 40)
  }

  @Test(arguments: ["", "{", "[]", "{\"format\": 9, \"lesson\": \"machine\", \"done\": {}, \"journal\": []}"])
  func aDamagedFileIsMovedAsideAndKept(_ content: String) throws {
    try withTemporaryFolder { folder in
      let store = ProgressStore(folder: folder)
      let file = folder.appendingPathComponent("machine.json")
      for name in ["machine.json.damaged", "machine.json.damaged-2"] {
        try Data(content.utf8).write(to: file)
        let (progress, note) = store.load(lesson: "machine")
        #expect(progress == LessonProgress(lesson: "machine"))
        #expect(note?.contains(name) == true)
        #expect(try Data(contentsOf: folder.appendingPathComponent(name)) == Data(content.utf8))
        #expect(!FileManager.default.fileExists(atPath: file.path))
      }
    }
  }

  @Test func aFolderThatCannotBeWrittenGivesANoteOnly() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("file")
      try Data().write(to: file)
      let (progress, note) = ProgressStore(folder: file).save(record("a"))
      #expect(progress == record("a"))
      #expect(note?.contains(file.path) == true)
    }
  }

  @Test func theStateFolderIsTheUsersChoice() {
    let home = ["HOME": "/home/ada"]
    #expect(
      ProgressStore.standardFolder(environment: home).path == "/home/ada/.local/state/kernelarium/progress")
    let chosen = home.merging(["XDG_STATE_HOME": "/var/state"]) { $1 }
    #expect(ProgressStore.standardFolder(environment: chosen).path == "/var/state/kernelarium/progress")
    let relative = home.merging(["XDG_STATE_HOME": "state"]) { $1 }
    #expect(
      ProgressStore.standardFolder(environment: relative).path == "/home/ada/.local/state/kernelarium/progress")
  }
}
