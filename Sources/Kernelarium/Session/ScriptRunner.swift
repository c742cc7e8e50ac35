// Runs lines from `-e`, files and standard input in order, and stops at the first error unless told otherwise.

/// Runs scripts in a session.
struct ScriptRunner {
  let session: Session

  /// Runs the `-e` arguments.
  ///
  /// - Returns: Whether more may run.
  func run(arguments: [String]) -> Bool {
    for (index, text) in arguments.enumerated() {
      // An argument may hold several lines, as a quoted block in a shell script does.
      for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
        guard step(SourceLine(text: String(line), origin: .argument(index + 1))) else { return false }
      }
    }
    return true
  }

  /// Runs a file, or standard input for `-`.
  ///
  /// - Returns: Whether more may run, and the number of lines that were run.
  func run(file path: String) throws(CommandError) -> (mayGoOn: Bool, lines: Int) {
    let reader = path == "-" ? session.standardInput : try LineReader(path: path)
    let name = path == "-" ? "standard input" : path
    var lines = 0
    while let text = try reader.next() {
      if reader.lineNumber == 1, text.hasPrefix("#!") { continue }
      lines += 1
      guard step(SourceLine(text: text, origin: .file(name, line: reader.lineNumber))) else { return (false, lines) }
    }
    return (true, lines)
  }

  private func step(_ source: SourceLine) -> Bool {
    if UserInterrupt.shared.isRequested {
      session.verdict.note(.interrupted)
      return false
    }
    return session.execute(source) && !session.wantsToQuit
  }
}
