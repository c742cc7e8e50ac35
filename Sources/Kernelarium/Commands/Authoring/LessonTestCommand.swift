// `lesson test`: proves that lessons work. Several lessons are tested side by side, each by a process of its own, because
// a laboratory belongs to one thread.

import Foundation
import Lab
import Lessons

/// Tests lessons.
struct LessonTestCommand: Command {
  let name = "lesson test"
  let group = CommandGroup.learning
  let summary = "prove that lessons work, for their authors"
  let help = CommandHelp(
    """
    For each step, on each kernel that the lesson declares: the untouched start fails the checks, the solution makes \
    them pass, transcripts match what the machine prints, hints can be judged, the machine agrees with every marked \
    answer (with several variants of a question that varies), and every arm of a branch is walked. Without a name, all \
    lessons, as many at a time as this computer has processors. Your systems and your progress are not touched. \
    `--format` is `text`, `json`, `junit` or `tap`; `--output` writes it into a file.
    """,
    examples: ["lesson test", "lesson test machine", "lesson test --format junit --output lessons.xml"],
    next: ["lesson lint", "lesson coverage"])
  var parameters: [any CommandParameter] { [Self.names, Self.format, Self.output, Self.jobs] }

  private static let names = Remaining(
    "LESSON", ArgumentKind<LessonFile>.lessonFile, mixesWithOptions: true,
    "ids or files; all lessons if none is given")
  private static let format = ValueOption(
    "--format", "FORMAT",
    ArgumentKind<String>.name("format", listedBy: "help lesson test") { _ in TestReportFormat.allCases.map(\.rawValue)
    },
    "text, json, junit or tap")
  private static let output = ValueOption("--output", "FILE", ArgumentKind<String>.file, "the file to be written")
  private static let jobs = ValueOption(
    "--jobs", "N", ArgumentKind<UInt64>.number("a number of processes", in: 1...64), "lessons tested at the same time")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let library = LessonPlaces.library()
    var files = arguments[Self.names]
    var broken: [LessonError] = []
    if files.isEmpty {
      files = library.lessons.map { LessonFile(path: $0.file) }
      broken = library.errors
      if files.isEmpty, broken.isEmpty {
        throw CommandError(.lesson, "there are no lessons", hint: "KERNELARIUM_LESSONS names a folder of lessons")
      }
    }
    for file in files {
      do throws(LessonError) {
        _ = try LessonDocument.read(file: file.path)
      } catch {
        broken.append(error)
      }
    }
    files.removeAll { file in broken.contains { $0.location.file == file.path } }
    let processors = ProcessInfo.processInfo.activeProcessorCount
    let jobs = min(arguments[Self.jobs].map { Int($0) } ?? processors, files.count)
    let reports =
      files.count > 1 && jobs > 1
      ? try LessonTestProcesses(files: files, jobs: jobs).run()
      : try test(files, library.misconceptions, in: session)
    let format = arguments[Self.format].flatMap(TestReportFormat.init(rawValue:)) ?? .text
    let value = LessonTestValue(
      reports: reports, broken: broken, format: format, file: arguments[Self.output])
    if let path = arguments[Self.output] { try TextFile.write(try value.document(), to: path) }
    return CommandResult(value, outcome: value.passed ? .fine : .checkFailed)
  }

  private func test(
    _ files: [LessonFile], _ misconceptions: MisconceptionCatalogue, in session: Session
  ) throws(CommandError) -> [LessonTestReport] {
    var host = SessionLessonHost.apart(from: session)
    var reports: [LessonTestReport] = []
    for file in files {
      if UserInterrupt.shared.isRequested { throw CommandError(.interrupted, "the test was interrupted") }
      let lesson = try file.lesson()
      reports.append(
        LessonTester.test(lesson, misconceptions: try file.misconceptions(besides: misconceptions), on: &host))
    }
    return reports
  }
}

extension SessionLessonHost {
  /// A host with a session of its own, so that nothing of the user's is touched; its laboratory is a fork of the user's,
  /// so that Ctrl-C stops its guests too.
  static func apart(from session: Session) -> SessionLessonHost {
    let laboratory = session.laboratory.fork()
    laboratory.adopt(Laboratory())
    return SessionLessonHost(
      session: Session(
        output: Output(renderer: session.output.renderer, errorRenderer: session.output.errorRenderer),
        laboratory: laboratory))
  }
}

/// The reports of tested lessons.
struct LessonTestValue: CommandValue, Decodable {
  let passed: Bool
  let reports: [LessonTestReport]
  /// Lessons that cannot be read.
  let broken: [String]
  /// The file that the document was written into.
  let file: String?

  private let errors: [LessonError]
  private let format: TestReportFormat

  private enum CodingKeys: CodingKey {
    case passed, reports, broken, file
  }

  init(reports: [LessonTestReport], broken: [LessonError], format: TestReportFormat, file: String?) {
    self.reports = reports
    self.broken = broken.map(\.description)
    self.file = file
    self.format = format
    errors = broken
    passed = broken.isEmpty && reports.allSatisfy(\.passed)
  }

  /// The result as another process of this program printed it.
  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    reports = try container.decode([LessonTestReport].self, forKey: .reports)
    passed = try container.decode(Bool.self, forKey: .passed)
    broken = []
    file = nil
    errors = []
    format = .text
  }

  /// The whole report in its format, for a file.
  func document() throws(CommandError) -> String {
    let document = TestReportDocument(reports: reports, broken: errors)
    switch format {
    case .text:
      var text = StyledText()
      describeReports(in: &text)
      return text.text
    case .json:
      guard let json = try? JSONLine.json(self) else { throw CommandError(.lesson, "the report cannot be written") }
      return json + "\n"
    case .junit: return document.junit
    case .tap: return document.tap
    }
  }

  func describe(in text: inout StyledText) {
    guard let file else {
      if format == .text { describeReports(in: &text) } else { describeDocument(in: &text) }
      return
    }
    let failures = reports.reduce(broken.count) { $0 + $1.failures.count }
    text.paragraph(
      "\(passed ? "✓" : "✗", passed ? .good : .bad) \(NumberStyle.count(reports.count, "lesson")), \(NumberStyle.count(failures, "failure")); written to \(file)",
      hanging: 2)
  }

  private func describeDocument(in text: inout StyledText) {
    for line in ((try? document()) ?? "").split(separator: "\n", omittingEmptySubsequences: false) {
      text.line(StyledLine(String(line)))
    }
  }

  private func describeReports(in text: inout StyledText) {
    for report in reports {
      let mark: StyledLine = report.passed ? StyledLine("✓", .good) : StyledLine("✗", .bad)
      var counts = [
        NumberStyle.count(report.steps, "step"), NumberStyle.count(report.checks, "check"),
        NumberStyle.count(report.questions, "question"),
        NumberStyle.count(report.comparedOutputs, "output") + " compared",
      ]
      if report.branchArms > 0 { counts.append(NumberStyle.count(report.branchArms, "arm") + " walked") }
      if report.kernels.count > 1 { counts.append(NumberStyle.count(report.kernels.count, "kernel")) }
      text.paragraph("\(mark) \(report.lesson, .name): \(counts.joined(separator: ", "))", hanging: 2)
      if !report.notReached.isEmpty {
        let steps = report.notReached.joined(separator: ", ")
        text.paragraph(
          StyledLine("not tested, because no answers lead there: \(steps)", .warning), indent: 2, hanging: 2)
      }
      for failure in report.failures { text.paragraph(StyledLine(failure.description), indent: 2, hanging: 2) }
    }
    for error in broken { text.paragraph("\("✗", .bad) \(error)", hanging: 2) }
  }
}
