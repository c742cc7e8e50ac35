import Foundation
import Testing

@testable import Lessons

@Suite struct TestReportFormatTests {
  private func document() throws -> TestReportDocument {
    var host = FakeHost()
    let wrong = Fixtures.driverFault.replacing("system.state == \"panicked\"", with: "system.state == \"a<b\"")
    let report = LessonTester.test(try Fixtures.parse(wrong), on: &host)
    let broken = LessonError(at: LessonLocation(file: "a & b.md", line: 3), "no #good")
    return TestReportDocument(reports: [report], broken: [broken])
  }

  @Test func junitIsWellFormedAndCountsFailures() throws {
    let text = try document().junit
    #expect(text.contains("<testsuites tests=\"4\" failures=\"2\">"))
    #expect(text.contains("<testcase classname=\"driver-fault\" name=\"break\">"))
    #expect(text.contains("<testcase classname=\"driver-fault\" name=\"look\"/>"))
    #expect(text.contains("a &amp; b.md"))
    let parser = XMLWellFormed()
    #expect(parser.accepts(text))
    #expect(!parser.accepts(text.replacing("</testsuites>", with: "")))
  }

  @Test func theTestAnythingProtocolNumbersItsCases() throws {
    let lines = try document().tap.split(separator: "\n")
    #expect(lines.prefix(3) == ["TAP version 13", "1..4", "not ok 1 - a & b.md: can be read"])
    #expect(lines[3] == "  # a & b.md:3:1: no #good")
    #expect(lines.contains("not ok 2 - driver-fault: break") && lines.last == "ok 4 - driver-fault: micro")
  }

  @Test func whatXMLCannotSayIsReplaced() {
    #expect(TestReportDocument.escaped("<\u{1}&\">") == "&lt;\u{fffd}&amp;&quot;&gt;")
  }
}

/// Whether tags close in the order in which they open.
private struct XMLWellFormed {
  func accepts(_ text: String) -> Bool {
    var open: [Substring] = []
    for match in text.matches(of: /<(\/?)([a-z]+)[^>]*?(\/?)>/) {
      if match.output.1 == "/" {
        guard open.popLast() == match.output.2 else { return false }
      } else if match.output.3.isEmpty {
        open.append(match.output.2)
      }
    }
    return open.isEmpty
  }
}
