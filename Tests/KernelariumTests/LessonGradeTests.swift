// `lesson grade` through the built program, on transcripts that the built program wrote: honest, pasted, cut off, copied.

import Foundation
import Testing

@Suite(.serialized) struct LessonGradeTests {
  private static let honest = [
    "lesson start short --transcript honest.txt", "info registers", "hlep", "set $t0 = 41", "set $t0 = 42",
    "lesson next", "answer 2 sure", "sys null", "lesson next", "answer b sure", "lesson next", "sys null",
    "lesson next",
    "lesson next",
  ]

  private struct Grading: Decodable {
    struct Line: Decodable {
      let result: Grading
    }

    struct Grade: Decodable {
      struct Difference: Decodable {
        let line: Int
        let found: String?
        let printed: String?
      }

      struct Question: Decodable {
        let question: String
        let isCorrect: Bool?
        let confidence: String?
        let misconception: String?
      }

      struct Concept: Decodable, Equatable {
        let concept: String
        let done: Int
        let steps: Int
        let right: Int
        let asked: Int
      }

      struct Step: Decodable {
        let step: String
        let state: String
      }

      let student: String
      let isCutOff: Bool
      let difference: Difference?
      let notes: [String]
      let steps: [Step]
      let questions: [Question]
      let concepts: [Concept]
    }

    struct Similarity: Decodable {
      let students: [String]
      let ownCommands: [String]
      let equalPauses: Int
      let comparedPauses: Int
    }

    let grades: [Grade]
    let similarities: [Similarity]
  }

  /// What the program wrote while a student was at work.
  private static let recorded = Result {
    try BuiltProgram.withFolder { folder in
      try Data((honest.joined(separator: "\n") + "\n").utf8).write(to: folder.appending(path: "student.klab"))
      _ = try BuiltProgram.run(["--keep-going", "student.klab"], in: folder)
      return try String(contentsOf: folder.appending(path: "honest.txt"), encoding: .utf8)
    }
  }

  /// A folder of the test's own with the transcript of an honest student.
  private func withCourse(_ body: (URL, String) throws -> Void) throws {
    let text = try Self.recorded.get()
    try BuiltProgram.withFolder { folder in
      try Data(text.utf8).write(to: folder.appending(path: "honest.txt"))
      try body(folder, text)
    }
  }

  private func grade(_ files: [String], in folder: URL, status: Int32) throws -> Grading {
    let run = try BuiltProgram.run(["lesson", "grade"] + files + ["--csv", "class.csv", "--json"], in: folder)
    #expect(run.status == status, "\(run.output)\(run.errors)")
    return try JSONDecoder().decode(Grading.Line.self, from: Data(run.output.utf8)).result
  }

  @Test func anHonestTranscriptIsGradedByStepAndConcept() throws {
    try withCourse { folder, text in
      #expect(text.contains("# lesson short\n") && text.contains("\n# end\n"))
      let grade = try #require(try grade(["honest.txt"], in: folder, status: 0).grades.first)
      #expect(grade.difference == nil && !grade.isCutOff && grade.notes == [])
      #expect(grade.steps.map(\.state) == ["done", "done", "done", "done", "done"])
      #expect(grade.questions.map(\.isCorrect) == [false, false])
      #expect(grade.questions.map(\.confidence) == ["sure", "sure"])
      #expect(grade.questions.map(\.misconception) == [nil, "call-is-context-switch"])
      #expect(
        grade.concepts == [
          .init(concept: "M4", done: 1, steps: 1, right: 0, asked: 1),
          .init(concept: "M5", done: 1, steps: 1, right: 0, asked: 1),
        ])
      let csv = try String(contentsOf: folder.appending(path: "class.csv"), encoding: .utf8).split(separator: "\r\n")
      #expect(csv.count == 2 && csv[0].hasPrefix("student,lesson,replay,") && csv[0].hasSuffix(",M4,M5"))
      #expect(csv[1].hasPrefix("honest,short,same,,5,5,0,2,2,0,14,"))
    }
  }

  @Test func aPastedOutputIsNamedWithItsLine() throws {
    try withCourse { folder, text in
      let pasted = text.replacing("1 trap", with: "2 traps", maxReplacements: 1)
      try Data(pasted.utf8).write(to: folder.appending(path: "pasted.txt"))
      let grade = try #require(try grade(["pasted.txt"], in: folder, status: 1).grades.first)
      let difference = try #require(grade.difference)
      let line = try #require(
        pasted.split(separator: "\n", omittingEmptySubsequences: false)[safe: difference.line - 1])
      #expect(line.contains("2 traps") && difference.found == String(line))
      #expect(difference.printed?.contains("1 trap") == true)
      // A transcript that lost a command's output altogether is found out as well.
      let empty = text.replacing(/(> set \$t0 = 41\n)[^#]*/, with: { $0.output.1 })
      try Data(empty.utf8).write(to: folder.appending(path: "empty.txt"))
      #expect(try self.grade(["empty.txt"], in: folder, status: 1).grades.first?.difference?.found == nil)
    }
  }

  @Test func aTranscriptThatWasCutOffCountsAsFarAsItGoes() throws {
    try withCourse { folder, text in
      let end = try #require(text.firstRange(of: "? How many times was")).lowerBound
      try Data(text[..<text.index(end, offsetBy: 9)].utf8).write(to: folder.appending(path: "cut.txt"))
      let grade = try #require(try grade(["cut.txt"], in: folder, status: 0).grades.first)
      #expect(grade.isCutOff && grade.difference == nil)
      #expect(grade.steps.map(\.state) == ["done", "done", "open", "open", "open"])
      #expect(grade.questions.map(\.isCorrect) == [false, nil])
    }
  }

  @Test func transcriptsThatResembleEachOtherAreWorthALook() throws {
    try withCourse { folder, text in
      // The clock is put forward by hand: a test does not wait.
      var seconds = 0
      let slow = text.replacing(/# time .*/) { _ in
        seconds += 7 + seconds % 5
        return "# time \(seconds).0"
      }
      try Data(slow.utf8).write(to: folder.appending(path: "anna.txt"))
      try Data(slow.utf8).write(to: folder.appending(path: "ben.txt"))
      let found = try grade(["anna.txt", "ben.txt"], in: folder, status: 0).similarities
      #expect(found.count == 1 && found.first?.students == ["anna", "ben"])
      #expect(found.first?.ownCommands == ["info registers", "hlep", "set $t0 = 41"])
      #expect(found.first.map { $0.equalPauses == $0.comparedPauses && $0.comparedPauses >= 8 } == true)
      let other = slow.replacing("hlep", with: "lpeh").replacing("info registers", with: "info csr")
      try Data(other.replacing(/# time .*/, with: "# time 1.0").utf8).write(to: folder.appending(path: "cleo.txt"))
      #expect(try grade(["anna.txt", "cleo.txt"], in: folder, status: 1).similarities.isEmpty)
    }
  }

  @Test func aReplayTouchesNoFileOutsideItsFolder() throws {
    try withCourse { folder, text in
      let victim = folder.appending(path: "victim.txt")
      let bad =
        text.replacing("# end\n", with: "")
        + "> structure save \(victim.path)\n> source \(folder.path)/student.klab\n"
        + "> lesson start short --transcript \(victim.path)\n# end\n"
      try Data(bad.utf8).write(to: folder.appending(path: "bad.txt"))
      let grade = try #require(try grade(["bad.txt"], in: folder, status: 1).grades.first)
      #expect(grade.notes.count == 2)
      #expect(!FileManager.default.fileExists(atPath: victim.path))
    }
  }

  @Test func whatIsNoTranscriptIsRefusedWithACure() throws {
    try withCourse { folder, _ in
      try Data("hello\n".utf8).write(to: folder.appending(path: "letter.txt"))
      let run = try BuiltProgram.run(["lesson", "grade", "letter.txt"], in: folder)
      #expect(run.status == 3 && run.errors.contains("--transcript FILE"))
    }
  }
}

extension Collection {
  fileprivate subscript(safe index: Index) -> Element? { indices.contains(index) ? self[index] : nil }
}
