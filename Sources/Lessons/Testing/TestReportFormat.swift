// Test reports as other programs read them: JUnit's XML and the Test Anything Protocol. Nothing measured on the host is
// in them, so that equal runs give equal bytes.

/// The formats of a test report.
public enum TestReportFormat: String, CaseIterable, Sendable {
  /// For people.
  case text
  /// One object.
  case json
  /// The XML that continuous-integration servers read, after JUnit.
  case junit
  /// The Test Anything Protocol, version 13.
  case tap
}

/// The steps of tested lessons as test cases.
public struct TestReportDocument: Sendable {
  /// A test case: a step of a lesson, or the lesson as a whole.
  struct Case {
    let suite: String
    let name: String
    let failures: [LessonTestFailure]
  }

  private let cases: [Case]

  /// A document of reports and of the lessons that could not be read.
  public init(reports: [LessonTestReport], broken: [LessonError]) {
    cases =
      broken.map { error in
        Case(
          suite: error.location.file, name: "can be read",
          failures: [LessonTestFailure(location: error.location, step: nil, message: error.message)])
      } + reports.flatMap(Self.cases(of:))
  }

  private static func cases(of report: LessonTestReport) -> [Case] {
    let whole = report.failures.filter { $0.step == nil }
    let steps = report.stepIDs.map { id in
      Case(suite: report.lesson, name: id, failures: report.failures.filter { $0.step == id })
    }
    return (whole.isEmpty ? [] : [Case(suite: report.lesson, name: "lesson", failures: whole)]) + steps
  }

  /// The XML document.
  public var junit: String {
    var suites: [(name: String, cases: [Case])] = []
    for item in cases {
      if suites.last?.name == item.suite {
        suites[suites.count - 1].cases.append(item)
      } else {
        suites.append((item.suite, [item]))
      }
    }
    var lines = ["<?xml version=\"1.0\" encoding=\"UTF-8\"?>"]
    let failed = cases.count { !$0.failures.isEmpty }
    lines.append("<testsuites tests=\"\(cases.count)\" failures=\"\(failed)\">")
    for suite in suites {
      let failed = suite.cases.count { !$0.failures.isEmpty }
      lines.append(
        "  <testsuite name=\"\(Self.escaped(suite.name))\" tests=\"\(suite.cases.count)\" failures=\"\(failed)\">")
      for item in suite.cases { lines += Self.junit(item) }
      lines.append("  </testsuite>")
    }
    return (lines + ["</testsuites>"]).joined(separator: "\n") + "\n"
  }

  private static func junit(_ item: Case) -> [String] {
    let head = "    <testcase classname=\"\(escaped(item.suite))\" name=\"\(escaped(item.name))\""
    guard let first = item.failures.first else { return [head + "/>"] }
    let text = item.failures.map(\.description).joined(separator: "\n")
    return [
      head + ">", "      <failure message=\"\(escaped(first.message))\">\(escaped(text))</failure>", "    </testcase>",
    ]
  }

  /// Characters that XML 1.0 does not allow at all are shown by a replacement character.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "\n", "\t": result.unicodeScalars.append(scalar)
      case _ where scalar.value < 0x20 || scalar.value == 0xfffe || scalar.value == 0xffff: result += "\u{fffd}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// The lines of the Test Anything Protocol.
  public var tap: String {
    var lines = ["TAP version 13", "1..\(cases.count)"]
    for (number, item) in cases.enumerated() {
      // A hash would begin a directive.
      let name = "\(item.suite): \(item.name)".replacing("#", with: "\\#").replacing("\n", with: " ")
      lines.append("\(item.failures.isEmpty ? "ok" : "not ok") \(number + 1) - \(name)")
      for failure in item.failures {
        lines += failure.description.split(separator: "\n", omittingEmptySubsequences: false).map { "  # " + $0 }
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
