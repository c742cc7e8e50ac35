// The comment lines that a lesson leaves in the transcript: what it was, what it began with, when each command came.
// `lesson grade` reads them; nothing else goes into the file but what was typed and printed.

import Lessons

/// The comment lines of one lesson.
final class LessonLog {
  private let output: Output
  private let clock = ContinuousClock()
  private let start: ContinuousClock.Instant

  /// Writes the header; nil if no transcript is kept.
  init?(of runner: LessonRunner<SessionLessonHost>, in output: Output) {
    guard output.keepsTranscript else { return nil }
    self.output = output
    start = clock.now
    let lesson = runner.lesson
    write("program \(Version.text)")
    write("lesson \(lesson.id)")
    write("content \(lesson.contentHash)")
    write("seed \(runner.seed)")
    for line in runner.progress.journal { write("before > \(line)") }
    enter(runner.step.id)
  }

  /// Notes that a step begins.
  func enter(_ step: String) { write("step \(step)") }

  /// Notes when the next command came, in seconds since the start.
  func markTime() {
    let elapsed = (clock.now - start).components
    let tenths = elapsed.seconds * 10 + elapsed.attoseconds / 100_000_000_000_000_000
    write("time \(tenths / 10).\(tenths % 10)")
  }

  /// Notes that the session ended in good order: a transcript without it was cut off.
  func end() { write("end") }

  private func write(_ text: String) { output.writeTranscript("# \(text)\n") }
}
