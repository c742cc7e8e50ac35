import Foundation
import Testing

@testable import Lessons

@Suite struct LessonLibraryTests {
  private func write(_ source: String, _ name: String, in folder: URL) throws {
    try Data(source.utf8).write(to: folder.appendingPathComponent(name))
  }

  private func lesson(_ id: String, requires: String = "") -> String {
    "---\nformat: 1\nid: \(id)\ntitle: T\nminutes: 1\nrequires: [\(requires)]\n---\n## S {#s}\nText.\n"
  }

  @Test func lessonsComeInTheOrderOfTheirNames() throws {
    try withTemporaryFolder { folder in
      try write(lesson("last"), "30.md", in: folder)
      try write(lesson("first"), "10.md", in: folder)
      try write("not a lesson", "notes.txt", in: folder)
      let library = LessonLibrary(folders: [folder])
      #expect(library.lessons.map(\.id) == ["first", "last"])
      #expect(library.entries.count == 2 && library.errors.isEmpty && library.notes.isEmpty)
    }
  }

  @Test func aBrokenLessonNeverHidesTheOthers() throws {
    try withTemporaryFolder { folder in
      try write(lesson("good"), "1.md", in: folder)
      try write("no front matter", "2.md", in: folder)
      try Data([0xff, 0xfe, 0x00]).write(to: folder.appendingPathComponent("3.md"))
      try FileManager.default.createDirectory(
        at: folder.appendingPathComponent("4.md"), withIntermediateDirectories: false)
      try write(lesson("good"), "5.md", in: folder)
      try write(lesson("lost", requires: "god"), "6.md", in: folder)
      let library = LessonLibrary(folders: [folder, folder.appendingPathComponent("missing")])
      #expect(library.lessons.map(\.id) == ["good"])
      #expect(library.errors.map(\.location.file) == (2...6).map { folder.appendingPathComponent("\($0).md").path })
      #expect(library.errors[4].message.contains("did you mean `good`?"))
      #expect(library.notes.count == 1)
    }
  }

  @Test func aBrokenFolderOrCatalogueNeverHidesTheOthers() throws {
    try withTemporaryFolder { folder in
      let good = folder.appendingPathComponent("good")
      let bad = folder.appendingPathComponent("bad")
      for new in [good, bad] {
        try FileManager.default.createDirectory(at: new, withIntermediateDirectories: true)
      }
      try write(lesson("good"), "1.md", in: good)
      try write("m: {belief: b, contrast: c}", "misconceptions.yaml", in: good)
      try write("# Not a lesson", "README.md", in: good)
      try write(lesson("other"), "1.md", in: bad)
      try write("m: [", "misconceptions.yaml", in: bad)
      let file = folder.appendingPathComponent("file")
      try Data().write(to: file)
      let library = LessonLibrary(folders: [bad, file, folder.appendingPathComponent("gone"), good])
      #expect(library.lessons.map(\.id) == ["other", "good"])
      #expect(library.errors.isEmpty)
      #expect(library.misconceptions["m"]?.belief == "b")
      #expect(library.notes.count == 3)
    }
  }

  @Test func addedFoldersAreRememberedAndFoundInCheckouts() throws {
    try withTemporaryFolder { temporary in
      let folder = temporary.standardizedFileURL
      let list = LessonFolders(file: folder.appendingPathComponent("state/lesson-folders"))
      let checkout = folder.appendingPathComponent("checkout/lessons")
      let broken = folder.appendingPathComponent("broken")
      for new in [checkout, broken] {
        try FileManager.default.createDirectory(at: new, withIntermediateDirectories: true)
      }
      try write(lesson("theirs"), "1.md", in: checkout)
      try write("no front matter", "1.md", in: broken)
      #expect(try list.add(folder.appendingPathComponent("checkout")).path == checkout.path)
      #expect(try list.add(broken).path == broken.path)
      #expect(list.folders.map(\.path) == [checkout.path, broken.path])
      #expect(throws: LessonFolderError.self) { _ = try list.add(checkout) }
      #expect(throws: LessonFolderError.self) { _ = try list.add(folder.appendingPathComponent("none")) }
      #expect(throws: LessonFolderError.self) { _ = try list.remove(folder) }
      let folders = LessonLibrary.standardFolders(
        environment: ["KERNELARIUM_LESSONS": broken.path], executable: folder, currentFolder: folder,
        added: list.folders)
      #expect(folders.map(\.path).prefix(2) == [broken.path, checkout.path])
      #expect(LessonLibrary(folders: folders).lessons.map(\.id).contains("theirs"))
      try FileManager.default.removeItem(at: checkout)
      #expect(try list.remove(folder.appendingPathComponent("checkout")).path == checkout.path)
      #expect(list.folders.map(\.path) == [broken.path])
    }
  }

  @Test func aLessonIsFoundByAUniquePrefix() throws {
    try withTemporaryFolder { folder in
      for id in ["machine", "machines", "micro"] { try write(lesson(id), "\(id).md", in: folder) }
      let library = LessonLibrary(folders: [folder])
      #expect(library.lesson(named: "machine")?.id == "machine")
      #expect(library.lesson(named: "mi")?.id == "micro")
      #expect(library.lesson(named: "m") == nil)
      #expect(library.nearestID(to: "mcro") == "micro")
    }
  }

  @Test func theFoldersAreTheNamedOnesAndTheCheckouts() throws {
    try withTemporaryFolder { folder in
      let root = folder.resolvingSymlinksInPath()
      let lessons = root.appendingPathComponent("lessons")
      let build = root.appendingPathComponent(".build/release")
      for new in [lessons, build] {
        try FileManager.default.createDirectory(at: new, withIntermediateDirectories: true)
      }
      try write("", "Package.swift", in: root)
      let folders = LessonLibrary.standardFolders(
        environment: ["KERNELARIUM_LESSONS": "/srv/course:mine"],
        executable: build.appendingPathComponent("kernelarium"), currentFolder: URL(fileURLWithPath: "/tmp"))
      #expect(folders.map(\.path) == ["/srv/course", "/tmp/mine", lessons.path])
    }
  }

  @Test func withoutAnyFolderThereIsNone() {
    let folders = LessonLibrary.standardFolders(
      environment: [:], executable: URL(fileURLWithPath: "/nowhere/bin/kernelarium"),
      currentFolder: URL(fileURLWithPath: "/nowhere"))
    #expect(folders.isEmpty)
  }
}
