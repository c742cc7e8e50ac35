// The built program as a process: exit statuses, streams, scripts, pipes.

import Foundation
import Testing

@Suite(.serialized) struct ProcessTests {
  /// What a run of the program left behind.
  private struct Run {
    let status: Int32
    let output: String
    let errors: String
  }

  private static var program: URL {
    // The tests and the program are built into the same folder.
    URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
      .appendingPathComponent("kernelarium")
  }

  private func run(_ arguments: [String], input: String = "") throws -> Run {
    let process = Process()
    process.executableURL = Self.program
    process.arguments = arguments
    process.environment = ["HOME": NSTemporaryDirectory(), "PATH": "/usr/bin:/bin"]
    let (inputPipe, outputPipe, errorPipe) = (Pipe(), Pipe(), Pipe())
    process.standardInput = inputPipe
    process.standardOutput = outputPipe
    process.standardError = errorPipe
    try process.run()
    inputPipe.fileHandleForWriting.write(Data(input.utf8))
    try inputPipe.fileHandleForWriting.close()
    let output = outputPipe.fileHandleForReading.readDataToEndOfFile()
    let errors = errorPipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Run(
      status: process.terminationStatus, output: String(decoding: output, as: UTF8.self),
      errors: String(decoding: errors, as: UTF8.self))
  }

  private func temporaryFile(_ contents: Data) throws -> URL {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("kernelarium-\(UUID().uuidString).klab")
    try contents.write(to: url)
    return url
  }

  private static let statuses: [(arguments: [String], status: Int32)] = [
    (["-e", "help"], 0),
    (["--help"], 0),
    (["--version"], 0),
    (["--bogus"], 2),
    (["--color", "blue"], 2),
    (["--limit", "0"], 2),
    (["--seed", "x"], 2),
    (["-e"], 2),
    (["/nonexistent.klab"], 2),
    (["/"], 2),
    (["--transcript", "/nonexistent/t", "-e", "help"], 2),
    (["-e", "hlep"], 3),
    (["-e", "boot nosuch"], 3),
    (["-e", "\"open"], 3),
    (["--expect", "panic", "-e", "help"], 1),
    (["lesson", "start", "nosuch"], 3),
    (["lesson", "--bogus"], 2),
    (["benhc"], 2),
    (["-e", "help", "--json", "--quiet", "--ascii"], 0),
  ]

  @Test(arguments: statuses)
  func exitStatuses(arguments: [String], status: Int32) throws {
    let run = try run(arguments)
    #expect(run.status == status)
    if status == 2 || status == 3 { #expect(run.errors.contains("rror")) }
  }

  @Test func resultsGoToOutputAndDiagnosticsToErrors() throws {
    let run = try run(["-e", "show limit", "-e", "hlep"])
    #expect(run.output.contains("200,000,000"))
    #expect(!run.output.contains("hlep"))
    #expect(run.errors.contains("-e 2:1: error:"))
    #expect(run.errors.contains("did you mean `help`?"))
    #expect(!run.output.contains("\u{1b}"))
  }

  @Test func aScriptStopsAtItsFirstErrorAndNamesTheLine() throws {
    let script = try temporaryFile(Data("# comment\nshow limit\nnosuch\nshow seed\n".utf8))
    defer { try? FileManager.default.removeItem(at: script) }
    let stopped = try run([script.path])
    #expect(stopped.status == 3)
    #expect(stopped.output.contains("limit"))
    #expect(!stopped.output.contains("seed"))
    #expect(stopped.errors.contains("\(script.path):3:1: error:"))
    let whole = try run([script.path, "--keep-going"])
    #expect(whole.status == 3)
    #expect(whole.output.contains("seed"))
  }

  @Test func standardInputIsAScriptToo() throws {
    for arguments in [[], ["-"]] {
      let run = try run(arguments, input: "show limit\nshow seed")
      #expect(run.status == 0)
      #expect(run.output.contains("seed"), "a last line without newline counts")
      #expect(!run.output.contains(">"), "no prompt on a pipe")
    }
  }

  @Test func garbageIsRefusedNotInterpreted() throws {
    let script = try temporaryFile(Data((0..<4000).map { UInt8(truncatingIfNeeded: $0 &* 37 ^ 0xa5) }))
    defer { try? FileManager.default.removeItem(at: script) }
    let run = try run([script.path])
    #expect(run.status == 3)
    #expect(run.errors.contains("\(script.path):1"))
  }

  @Test func jsonIsOneObjectALineAndEqualForEqualRuns() throws {
    let arguments = ["--json", "--keep-going", "-e", "show settings", "-e", "nosuch", "-e", "help boot"]
    let first = try run(arguments)
    let second = try run(arguments)
    #expect(first.output == second.output)
    let lines = first.output.split(separator: "\n")
    #expect(lines.count == 3)
    for line in lines {
      let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      #expect(object["v"] as? Int == 1)
      #expect(object["cmd"] is String)
      #expect(object["icount"] as? Int == 0)
      let isFine = try #require(object["ok"] as? Bool)
      #expect((object["result"] != nil) == isFine)
      #expect((object["error"] != nil) == !isFine)
    }
    #expect(lines[1].contains(#""error":{"code":"unknown-command""#))
    #expect(first.errors.isEmpty)
  }

  @Test func theTranscriptHoldsCommandsAndOutput() throws {
    let file = try temporaryFile(Data())
    defer { try? FileManager.default.removeItem(at: file) }
    let run = try run(["--transcript", file.path, "--color", "always", "-e", "show limit", "-e", "nosuch"])
    #expect(run.output.contains("\u{1b}["))
    let transcript = try String(contentsOf: file, encoding: .utf8)
    #expect(transcript.hasPrefix("> show limit\nlimit"))
    #expect(transcript.contains("> nosuch\n-e 2:1: error:"))
    #expect(!transcript.contains("\u{1b}"))
  }

  @Test func aClosedPipeEndsTheProgramQuietly() throws {
    let shell = Process()
    shell.executableURL = URL(fileURLWithPath: "/bin/bash")
    let commands = (0..<200).map { _ in "-e help" }.joined(separator: " ")
    shell.arguments = ["-c", "\(Self.program.path) \(commands) | head -n 1 >/dev/null; exit ${PIPESTATUS[0]}"]
    let errors = Pipe()
    shell.standardError = errors
    try shell.run()
    let text = errors.fileHandleForReading.readDataToEndOfFile()
    shell.waitUntilExit()
    #expect(text.isEmpty)
    #expect(shell.terminationStatus == 0)
  }

  @Test func scriptsCanRunScriptsButNotThemselvesForEver() throws {
    let script = try temporaryFile(Data())
    defer { try? FileManager.default.removeItem(at: script) }
    try Data("source \(script.path)\n".utf8).write(to: script)
    let run = try run([script.path])
    #expect(run.status == 3)
    #expect(run.errors.contains("deep"))
  }

  @Test func quitEndsAScript() throws {
    let run = try run(["-e", "show limit", "-e", "quit", "-e", "show seed"])
    #expect(run.status == 0)
    #expect(!run.output.contains("seed"))
  }
}
