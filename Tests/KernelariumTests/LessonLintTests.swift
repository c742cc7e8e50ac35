// The linter with the program's own grammar: broken lessons, each with its findings written at its end.

import Foundation
import Lessons
import Testing

@testable import Kernelarium

@Suite struct LessonLintTests {
  private static let checkout = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  private static let library = LessonLibrary(folders: [checkout.appending(path: "lessons")])
  private static let broken = checkout.appending(path: "Tests/Fixtures/Lessons/Broken")

  private static var names: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: broken.path)) ?? []).filter { $0.hasSuffix(".md") }.sorted()
  }

  private func findings(in source: String, file: String) -> [LintFinding] {
    let renderer = Renderer(usesColor: false, isASCII: false)
    let grammar = SessionCommandGrammar(output: Output(renderer: renderer, errorRenderer: renderer))
    return LessonLinter(
      grammar: grammar, lessons: Self.library.lessons, misconceptions: Self.library.misconceptions
    ).findings(in: source, file: file)
  }

  /// What a fixture says at its end: `LINE:COLUMN SEVERITY: PROBLEM… | CURE…` for each finding.
  private func expectations(in source: String) throws -> [(head: String, problem: String, cure: String)] {
    let comment = try #require(source.firstMatch(of: /<!-- finds\n((?:.*\n)*?)-->/))
    return try comment.output.1.split(separator: "\n").map { line in
      let parts = try #require(line.wholeMatch(of: /(\d+:\d+ \w+): (.*) \| (.*)/))
      return (String(parts.output.1), String(parts.output.2), String(parts.output.3))
    }
  }

  @Test func thereAreManyBrokenLessons() { #expect(Self.names.count >= 30) }

  @Test(arguments: names) func aBrokenLessonIsFoundOutWithLineAndCure(_ name: String) throws {
    let source = try String(contentsOf: Self.broken.appending(path: name), encoding: .utf8)
    let found = findings(in: source, file: name)
    let expected = try expectations(in: source)
    #expect(found.count == expected.count, "\(found)")
    for (finding, expectation) in zip(found, expected) {
      #expect("\(finding.line):\(finding.column) \(finding.severity.rawValue)" == expectation.head, "\(finding)")
      #expect(finding.problem.hasPrefix(expectation.problem), "\(finding)")
      #expect(finding.cure.hasPrefix(expectation.cure) && !finding.cure.isEmpty, "\(finding)")
      #expect(finding.file == name)
    }
  }

  @Test func theLessonsOfThisCheckoutHaveNoErrors() throws {
    for lesson in Self.library.lessons {
      let source = try String(contentsOfFile: lesson.file, encoding: .utf8)
      #expect(findings(in: source, file: lesson.file).filter { $0.severity == .error } == [])
    }
  }

  @Test func aNewLessonHasNoFindings() {
    #expect(findings(in: LessonSkeleton.source(id: "new", title: "A *new* \"one\" \\ of [many]"), file: "new.md") == [])
  }

  @Test func mutilatedLessonsAreJudgedToTheEnd() throws {
    let original = Array(LessonSkeleton.source(id: "new", title: "New"))
    var state: UInt64 = 7
    func random(_ limit: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(limit))
    }
    let noise = Array("`>{}[]#\"=\\\n -x…\u{0}")
    for _ in 0..<60 {
      var characters = original
      for _ in 0...random(6) {
        let position = random(characters.count)
        switch random(3) {
        case 0: characters[position] = noise[random(noise.count)]
        case 1: characters.removeSubrange(position..<min(position + 9, characters.count))
        default: characters.insert(noise[random(noise.count)], at: position)
        }
      }
      for finding in findings(in: String(characters), file: "new.md") {
        #expect(finding.line >= 1 && finding.column >= 1 && !finding.cure.isEmpty)
      }
    }
  }
}
