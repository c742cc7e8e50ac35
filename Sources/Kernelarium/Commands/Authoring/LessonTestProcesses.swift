// Tests lessons side by side, each by a process of this program. A process that dies is a failure of its lesson and of
// no other.

import Foundation
import Lessons

/// Tests in processes of their own.
struct LessonTestProcesses {
  let files: [LessonFile]
  /// How many at the same time.
  let jobs: Int

  /// The reports in the order of the files.
  func run() throws(CommandError) -> [LessonTestReport] {
    let results = Results(count: files.count)
    let next = Counter()
    let threads = DispatchGroup()
    for _ in 0..<jobs {
      threads.enter()
      let thread = Thread {
        while let index = next.take(below: files.count), !UserInterrupt.shared.isRequested {
          results.set(index, Self.test(files[index]))
        }
        threads.leave()
      }
      thread.start()
    }
    threads.wait()
    if UserInterrupt.shared.isRequested { throw CommandError(.interrupted, "the test was interrupted") }
    return results.all
  }

  private static func test(_ file: LessonFile) -> [LessonTestReport] {
    let process = Process()
    process.executableURL = ProcessPlaces.executable
    process.arguments = ["lesson", "test", file.absolutePath, "--json", "--quiet"]
    process.standardInput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    let pipe = Pipe()
    process.standardOutput = pipe
    do {
      try process.run()
      let data = pipe.fileHandleForReading.readDataToEndOfFile()
      process.waitUntilExit()
      if let answer = try? JSONDecoder().decode(Answer.self, from: data) { return answer.result.reports }
      return [LessonTestReport(failed: file.path, "its test ended with status \(process.terminationStatus)")]
    } catch {
      return [LessonTestReport(failed: file.path, "its test cannot be started: \(error.localizedDescription)")]
    }
  }

  /// The line that the process prints.
  private struct Answer: Decodable {
    let result: LessonTestValue
  }

  /// The numbers of the files, each given out once.
  private final class Counter: @unchecked Sendable {
    private let lock = NSLock()
    private var value = 0

    func take(below count: Int) -> Int? {
      lock.withLock {
        guard value < count else { return nil }
        value += 1
        return value - 1
      }
    }
  }

  /// The reports by the numbers of their files.
  private final class Results: @unchecked Sendable {
    private let lock = NSLock()
    private var reports: [[LessonTestReport]]

    init(count: Int) { reports = Array(repeating: [], count: count) }

    func set(_ index: Int, _ found: [LessonTestReport]) { lock.withLock { reports[index] = found } }

    var all: [LessonTestReport] { lock.withLock { Array(reports.joined()) } }
  }
}
