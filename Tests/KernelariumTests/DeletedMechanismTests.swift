// Lessons teach mechanisms that exist: without the restart of drivers, the lesson that has students see it fails.

import Foundation
import Lab
import Lessons
import Testing

@testable import Kernelarium

@Suite struct DeletedMechanismTests {
  /// The program, but for one thing: no driver is ever started again.
  ///
  /// The server that would do it hits an illegal instruction at the moment when it should.
  private struct WithoutRestarts: LessonHost {
    var program: SessionLessonHost

    private func deleteMechanism() {
      guard let system = try? program.session.laboratory.current(),
        let address = try? system.address(of: "reinc:reinc_restart")
      else { return }
      try? system.writeMemory([0, 0], at: address, task: "reinc")
    }

    mutating func begin(_ machine: LessonMachine) throws(LessonHostError) {
      try program.begin(machine)
      deleteMechanism()
    }

    mutating func run(_ line: String) -> CommandOutcome {
      defer { if line.hasPrefix("boot") { deleteMechanism() } }
      return program.run(line)
    }

    mutating func ask(_ line: String) -> CommandOutcome { program.ask(line) }
    mutating func snapshot() -> SessionLessonHost.Snapshot { program.snapshot() }
    mutating func restore(_ snapshot: SessionLessonHost.Snapshot) { program.restore(snapshot) }
  }

  /// A lesson of this checkout with some of its steps only, so that the test is quick.
  private func lesson(_ file: String, steps: [String]) throws -> LessonDocument {
    let path = BuiltProgram.checkout.appending(path: "lessons").appending(path: file).path
    let source = try String(contentsOfFile: path, encoding: .utf8)
    let parts = source.split(separator: "\n## ", omittingEmptySubsequences: false)
    let kept = parts.dropFirst().filter { part in steps.contains { part.prefix(120).contains("{#\($0)") } }
    try #require(kept.count == steps.count)
    return try LessonDocument.parse(source: ([parts[0]] + kept).joined(separator: "\n## "), file: path)
  }

  @Test func withoutTheRestartOfDriversTheLessonOnFaultsFails() throws {
    let lesson = try lesson("40-faults.md", steps: ["silent", "wall"])
    let renderer = Renderer(usesColor: false, isASCII: false)
    let session = Session(output: Output(renderer: renderer, errorRenderer: renderer))
    var whole = SessionLessonHost(session: session)
    let misconceptions = try MisconceptionCatalogue.beside(lesson: lesson.file)
    #expect(LessonTester.test(lesson, misconceptions: misconceptions, on: &whole).failures == [])
    var host = WithoutRestarts(program: whole)
    let report = LessonTester.test(lesson, misconceptions: misconceptions, on: &host)
    // The step about the restart fails; the one that needs none goes on working.
    #expect(Set(report.failures.map(\.step)) == ["wall"], "\(report.failures)")
  }
}
