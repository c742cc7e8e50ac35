// Types a student's commands into a fresh process of this program and compares what it prints. The process has a state
// folder and a current folder of its own, and no command may reach a file outside: a transcript is somebody else's text.

import Foundation
import Lessons

/// The replay of one transcript.
struct TranscriptReplay {
  let transcript: StudentTranscript
  let lesson: LessonDocument
  /// A session without a system, to take commands apart.
  let session: Session

  /// What came of a replay.
  struct Result {
    let progress: LessonProgress
    let difference: OutputDifference?
    let notes: [String]
  }

  private static let longest: TimeInterval = 300

  /// Replays the transcript.
  func run() throws(CommandError) -> Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("kernelarium-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    var notes: [String] = []
    let store = ProgressStore(
      folder: ProgressStore.standardFolder(environment: ["XDG_STATE_HOME": folder.appendingPathComponent("state").path])
    )
    do {
      try FileManager.default.createDirectory(
        at: folder.appendingPathComponent("work"), withIntermediateDirectories: true)
      prepare(store, &notes)
      let (script, kept) = script(&notes)
      try Data(script.utf8).write(to: folder.appendingPathComponent("script.klab"))
      try perform(in: folder, &notes)
      let printed = try String(contentsOf: folder.appendingPathComponent("transcript"), encoding: .utf8)
      return Result(
        progress: store.load(lesson: lesson.id).progress,
        difference: firstDifference(of: kept, from: StudentTranscript(printed)), notes: notes)
    } catch {
      throw CommandError(.lesson, "the replay failed: \(error.localizedDescription)", hint: "is there room in /tmp?")
    }
  }

  /// Puts the student where the transcript begins.
  private func prepare(_ store: ProgressStore, _ notes: inout [String]) {
    var progress = LessonProgress(lesson: lesson.id)
    progress.seed = transcript.seed
    if !transcript.before.isEmpty {
      let count = NumberStyle.count(transcript.before.count, "command")
      notes.append("it goes on from an earlier session, whose \(count) are taken on trust")
      progress.journal = transcript.before
      progress.current = transcript.firstStep
    }
    if let note = store.save(progress).note { notes.append(note) }
  }

  /// The commands that can be replayed, as a script, and their entries.
  private func script(_ notes: inout [String]) -> (script: String, kept: [StudentTranscript.Entry]) {
    var lines: [String] = []
    var kept: [StudentTranscript.Entry] = []
    for entry in transcript.entries {
      if let reason = CommandScreen(session: session).refusal(of: entry.command) {
        notes.append("line \(entry.line): `\(entry.command)` is not replayed: \(reason)")
        continue
      }
      kept.append(entry)
      lines.append(CommandScreen.withoutTranscript(entry.command))
    }
    return (lines.joined(separator: "\n") + "\n", kept)
  }

  private func perform(in folder: URL, _ notes: inout [String]) throws {
    let process = Process()
    process.executableURL = ProcessPlaces.executable
    process.arguments = [
      "--keep-going", "--transcript", folder.appendingPathComponent("transcript").path,
      folder.appendingPathComponent("script.klab").path,
    ]
    process.currentDirectoryURL = folder.appendingPathComponent("work")
    var environment = ProcessPlaces.environment
    environment["XDG_STATE_HOME"] = folder.appendingPathComponent("state").path
    environment["HOME"] = folder.path
    // The lesson is found by its file's folder, wherever that is.
    let lessons = URL(fileURLWithPath: lesson.file).deletingLastPathComponent().path
    environment["KERNELARIUM_LESSONS"] = ([lessons] + [environment["KERNELARIUM_LESSONS"]].compactMap { $0 })
      .joined(separator: ":")
    process.environment = environment
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    let deadline = Date().addingTimeInterval(Self.longest)
    while process.isRunning, Date() < deadline, !UserInterrupt.shared.isRequested { usleep(20_000) }
    if process.isRunning {
      process.terminate()
      notes.append("the replay took too long and was stopped")
    }
    process.waitUntilExit()
  }

  private func firstDifference(
    of entries: [StudentTranscript.Entry], from replay: StudentTranscript
  ) -> OutputDifference? {
    for (index, entry) in entries.enumerated() {
      let isLast = index == entries.count - 1
      // What an earlier session has left decides what is shown when the lesson goes on.
      if !transcript.before.isEmpty, entry.command.hasPrefix("lesson ") { continue }
      guard index < replay.entries.count else { return nil }
      let printed = replay.entries[index].output.map(\.text).joined(separator: "\n")
      let isCutOff = isLast && !transcript.isEnded
      if let difference = OutputDifference(of: entry, from: printed, isCutOff: isCutOff) { return difference }
    }
    return nil
  }
}

/// Decides which commands of somebody else's may be run.
struct CommandScreen {
  let session: Session

  private static let refused: Set<String> = [
    "bench", "lesson new", "lesson update", "lesson export", "lesson grade", "lesson test", "lesson lint",
    "lesson preview", "lesson coverage", "lesson add", "lesson remove", "present",
  ]

  /// Why a command is not run; nil if it may be.
  func refusal(of line: String) -> String? {
    let source = SourceLine(text: line, origin: .lesson)
    // What cannot be parsed is an error in the replay as it was for the student.
    guard let parsed = try? ParsedLine(parsing: source), !parsed.isEmpty,
      let match = try? session.lookup.match(parsed.tokens, in: source)
    else { return nil }
    if match.command.usesTerminal { return "it works on a terminal or on a file" }
    if Self.refused.contains(match.command.name) { return "it does nothing in a lesson" }
    let files = match.command.parameters.filter { parameter in
      if case .option(let value) = parameter.form { return ["FILE", "FOLDER"].contains(value) }
      return parameter.label == "FILE"
    }
    if files.isEmpty { return nil }
    let arguments = try? Arguments(
      parsed.tokens[match.consumed...], format: parsed.format, of: match.command, source: source, in: session,
      tolerating: { _, _ in true })
    guard let arguments else { return nil }
    for span in files.flatMap({ arguments.spans(of: $0) }) {
      let name = line.dropFirst(span.start).prefix(span.length)
      if name.contains("/") || name.contains("..") { return "it names a file outside of its folder" }
    }
    return nil
  }

  /// The line without the option that would send the transcript elsewhere.
  static func withoutTranscript(_ line: String) -> String {
    line.replacing(/\s--transcript(\s+|=)("[^"]*"|\S+)/, with: "")
  }
}
