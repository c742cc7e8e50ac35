// The prompt: reads lines, runs them, and goes on whatever they come to.

/// The interactive loop.
struct PromptLoop {
  let session: Session

  /// Runs until the user leaves.
  func run() {
    var history = HistoryFile()
    let entries = history.load()
    let completer = Completer(session: session)
    guard
      let editor = LineEditor(
        history: entries, output: session.output, complete: { completer.completion(of: $0) })
    else {
      session.report(CommandError(.notAvailable, "the line editor cannot be started"), in: nil)
      return
    }
    greet()
    if let problem = history.problem { session.note(problem) }
    var last = entries.last
    while !session.wantsToQuit, !session.output.isClosed {
      UserInterrupt.shared.clear()
      switch editor.readLine(prompt: promptLine, renderer: session.output.renderer) {
      case .line(let text):
        let typed = text.trimmingSpaces
        if !typed.isEmpty, typed != last {
          editor.remember(typed)
          history.append(typed)
          last = typed
        }
        let line = session.lesson?.completed(text, in: session) ?? text
        session.execute(SourceLine(text: line, origin: .prompt))
      case .interrupted:
        session.output.write(raw: "^C\n")
      case .endOfFile:
        session.output.write(raw: "\n")
        return
      }
    }
  }

  private func greet() {
    // Whoever is in a lesson has been greeted by it.
    if session.settings.quiet || session.settings.json || session.lesson != nil { return }
    var text = StyledText()
    var line: StyledLine = "\("Kernelarium.", .strong) "
    line.append(StyledLine(markup: "Five kernels in glass. `lesson start` to be led, `help` to explore."))
    text.paragraph(line)
    session.output.write(text)
  }

  /// The prompt: system, privilege, task, or what has become of the system; in the past, how far away the present is.
  var promptLine: StyledLine {
    guard let system = try? session.laboratory.current() else { return "> " }
    var line = StyledLine(system.name, .name)
    switch system.state {
    case .running:
      let position = system.position
      line.append(" \(position.privilege)")
      if let task = position.task { line.append(" \(task)", .strong) }
    case .panicked, .hung:
      line.append(" \(system.state.rawValue.uppercased())", .bad)
    case .halted:
      line.append(" \(system.state.rawValue.uppercased())", .warning)
    }
    if let distance = system.instructionsBeforePresent { line.append(" @-\(NumberStyle.decimal(distance))", .warning) }
    line.append("> ")
    return line
  }
}
