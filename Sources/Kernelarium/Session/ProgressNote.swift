// Tells a waiting user that the guest is still running, or how far a search is. Shown on standard error only, only on a terminal, and only
// when a command takes long; it must be finished before anything else is printed.

import Dispatch
import Foundation
import Lab
import Synchronization

/// A line on the terminal that counts seconds while a command runs.
final class ProgressNote {
  private struct State {
    var isFinished = false
    var isShown = false
  }

  /// Shared with the timer's thread.
  private final class Shared: Sendable {
    let state = Mutex(State())
  }

  private let shared = Shared()
  private let timer: any DispatchSourceTimer
  private static let patience = 0.8

  /// Starts waiting.
  ///
  /// - Parameters:
  ///   - output: What is written to otherwise.
  ///   - signal: Knows how far a search in a history is.
  init?(_ output: Output, signal: StopSignal) {
    guard isatty(STDERR_FILENO) == 1 else { return nil }
    let dim = output.errorRenderer.usesColor
    let started = DispatchTime.now()
    timer = DispatchSource.makeTimerSource(queue: .global(qos: .utility))
    timer.schedule(deadline: started + Self.patience, repeating: 1)
    timer.setEventHandler { [shared] in
      let seconds = Int((DispatchTime.now().uptimeNanoseconds - started.uptimeNanoseconds) / 1_000_000_000)
      let what =
        signal.searchPosition.map { "searching backwards, at instruction \(NumberStyle.decimal($0))" }
        ?? "the guest is running"
      // What is left of a longer line before must not stay.
      let message = "\(what), \(max(1, seconds)) s; Ctrl-C stops it   "
      shared.state.withLock { state in
        if state.isFinished { return }
        state.isShown = true
        _ = Output.writeAll(dim ? "\r\u{1b}[2m\(message)\u{1b}[0m" : "\r\(message)", to: STDERR_FILENO)
      }
    }
    timer.resume()
  }

  /// Takes the line away again.
  func finish() {
    timer.cancel()
    shared.state.withLock { state in
      state.isFinished = true
      if state.isShown {
        _ = Output.writeAll("\r" + String(repeating: " ", count: StyledText.width - 1) + "\r", to: STDERR_FILENO)
      }
    }
  }
}
