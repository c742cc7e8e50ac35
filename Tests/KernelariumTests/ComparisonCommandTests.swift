// The commands that set kernels side by side: their JSON, their width, their completion.

import Foundation
import Testing

@testable import Kernelarium

@Suite struct ComparisonCommandTests {
  private struct Refused: Error {
    let line: String
    let message: String
  }

  private func result(_ line: String, in session: Session) throws -> CommandResult {
    switch session.evaluate(SourceLine(text: line, origin: .prompt)).outcome {
    case .success(let result): return result
    case .failure(let error): throw Refused(line: line, message: error.message)
    case .nothing: throw Refused(line: line, message: "nothing was done")
    }
  }

  private func object(_ line: String, in session: Session) throws -> [String: Any] {
    let data = Data(try JSONLine.json(try result(line, in: session).value).utf8)
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  private func booted(_ kernel: String) throws -> Session {
    let session = Session(output: .discarding)
    _ = try result("boot \(kernel)", in: session)
    return session
  }

  @Test func everythingFitsIntoTheTextWidth() throws {
    let session = try booted("micro")
    _ = try result("checkpoint before", in: session)
    for line in [
      "compare read --kernels all --profile", "compare boot", "compare size --kernels monolithic,micro",
      "compare spawn monolithic --kernels micro", "compare structure", "info tcb --kernels all", "info tcb",
      "info rights", "info rights blk", "info image", "info image agent", "info calls", "info calls --kernels all",
      "profile read 3 64", "profile run hello", "space diff agent blk", "space diff agent@before agent",
    ] {
      let value = try result(line, in: session).value
      var text = StyledText()
      value.describe(in: &text)
      #expect(!text.isEmpty, "\(line) says nothing")
      for row in text.lines { #expect(row.width <= StyledText.width, "\(line): \(row.text)") }
    }
  }

  @Test func comparisonsCarryTheFieldsThatOthersRelyOn() throws {
    let session = Session(output: .discarding)
    let report = try object("compare read --kernels monolithic,micro", in: session)
    for field in ["workload", "description", "baseline", "rows"] { #expect(report[field] != nil, "\(field)") }
    let rows = try #require(report["rows"] as? [[String: Any]])
    #expect(rows.map { $0["kernel"] as? String } == ["monolithic", "micro"])
    for row in rows {
      for field in ["ok", "cold", "counters", "components", "data", "sameData", "copyingInstructions"] {
        #expect(row[field] != nil, "\(field)")
      }
    }
    #expect(rows[1]["difference"] is String)
    let share = try #require((rows[1]["components"] as? [[String: Any]])?.first)
    #expect(Set(share.keys) == ["component", "kind", "image", "privilege", "instructions"])
    let refused = try #require(
      (try object("compare fork --kernels exo", in: session)["rows"] as? [[String: Any]])?.first)
    #expect(refused["kernel"] as? String == "exo")
    #expect((refused["ok"] as? Bool == true) == (refused["refused"] == nil))
  }

  @Test func thePictureHasABoxForEachServerAndOneForTheKernel() throws {
    let session = Session(output: .discarding)
    var text = StyledText()
    try result("compare structure --kernels micro", in: session).value.describe(in: &text)
    let lines = text.lines.map(\.text)
    #expect(lines.first == "micro")
    let line = try #require(lines.firstIndex { $0.contains("━") })
    for server in ["fs", "blk", "pm"] {
      #expect(lines[..<line].contains { $0.contains("│ \(server) ") }, "\(server) is above the line")
      #expect(!lines[line..<(line + 5)].contains { $0.contains(" \(server) ") }, "\(server) is not below it")
    }
    #expect(lines[line...].contains { $0.contains("nucleus") })
  }

  @Test func tabKnowsKernelsTasksAndCheckpoints() throws {
    let session = try booted("micro")
    _ = try result("checkpoint before", in: session)
    let completer = Completer(session: session)
    #expect(completer.completion(of: "compare struc").insertion == "ture ")
    #expect(completer.completion(of: "compare null --ker").insertion == "nels ")
    #expect(completer.completion(of: "compare null --kernels al").insertion == "l ")
    #expect(completer.completion(of: "info rights age").insertion == "nt ")
    #expect(completer.completion(of: "space diff agent@bef").insertion == "ore ")
    #expect(completer.completion(of: "profile ru").insertion == "n ")
  }

  @Test func kernelsAreListedWithCommas() throws {
    let session = Session(output: .discarding)
    guard
      case .failure(let error) = session.evaluate(SourceLine(text: "compare null --kernels ,", origin: .prompt)).outcome
    else {
      Issue.record("a list of nothing was accepted")
      return
    }
    #expect(error.span?.start == 23)
  }
}
