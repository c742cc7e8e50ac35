import Foundation
import Testing

@testable import Lessons

/// The lessons of this checkout, as far as they can be judged without a machine.
@Suite struct CheckoutTests {
  private static let library = LessonLibrary(folders: [
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("lessons")
  ])

  @Test func everyLessonCanBeRead() {
    #expect(Self.library.errors.map(\.description) == [])
    #expect(Self.library.notes == [])
    #expect(!Self.library.lessons.isEmpty)
  }

  @Test func everyLessonComesAfterThoseItRequires() {
    var earlier: Set<String> = []
    for lesson in Self.library.lessons {
      #expect(earlier.isSuperset(of: lesson.requires), "\(lesson.id)")
      earlier.insert(lesson.id)
    }
  }

  @Test func everyConceptThatALessonNamesIsNamedByAStepWithACheck() {
    for lesson in Self.library.lessons {
      let taught = Set(lesson.steps.filter { !$0.checks.isEmpty }.flatMap(\.concepts))
      #expect(taught == Set(lesson.concepts), "\(lesson.id)")
    }
  }

  @Test func everyCheckSaysInWordsWhatItWants() {
    for lesson in Self.library.lessons {
      for check in lesson.steps.flatMap(\.checks) { #expect(check.says != nil, "\(check.location)") }
    }
  }

  @Test func everyLessonFitsATerminal() {
    let renderer = TextRenderer(width: 80)
    for lesson in Self.library.lessons {
      for step in lesson.steps {
        for line in renderer.lines(of: step) { #expect(line.width <= 80, "\(lesson.id)#\(step.id): \(line.text)") }
      }
    }
  }
}
