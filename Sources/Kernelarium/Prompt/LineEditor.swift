// The line editor: libedit with history and completion. One instance at a time, on the standard streams, which must
// be a terminal. Everything unsafe about the C library stays in this file.

import CEditLine
import Glibc

/// Reads lines from a terminal.
final class LineEditor {
  /// What came of reading a line.
  enum Event: Equatable {
    case line(String)
    /// Ctrl-C: the line is dropped.
    case interrupted
    /// Ctrl-D on an empty line, or the terminal is gone.
    case endOfFile
  }

  private let editor: OpaquePointer
  private let entries: OpaquePointer
  /// The prompt as libedit wants it: owned by this object while libedit may read it.
  private var promptText: UnsafeMutablePointer<CChar>
  private let complete: (String) -> Completion
  private let output: Output

  /// Sets the terminal up.
  ///
  /// - Parameters:
  ///   - history: Earlier lines, oldest first.
  ///   - output: Where completions are listed.
  ///   - complete: Completes the text before the cursor.
  init?(history: [String], output: Output, complete: @escaping (String) -> Completion) {
    // Without a UTF-8 locale libedit drops what is not ASCII.
    setlocale(LC_CTYPE, "")
    if String(cString: nl_langinfo(nl_item(CODESET))) != "UTF-8" { setlocale(LC_CTYPE, "C.UTF-8") }
    guard let editor = editline_create("kernelarium"), let entries = history_init(), let empty = strdup("") else {
      return nil
    }
    self.editor = editor
    self.entries = entries
    self.complete = complete
    self.output = output
    promptText = empty

    editline_set_client_data(editor, Unmanaged.passUnretained(self).toOpaque())
    editline_set_signals(editor, 1)
    editline_set_prompt(editor, { editor in LineEditor.instance(of: editor)?.promptText }, Self.escape)
    editline_history_set_capacity(entries, Int32(HistoryFile.capacity))
    editline_history_set_unique(entries, 1)
    editline_use_history(editor, entries)
    for line in history { editline_history_enter(entries, line) }

    editline_set_emacs_keys(editor)
    // Functions exist before any binding names them: binding an unknown function corrupts libedit's memory.
    editline_add_function(editor, "kernelarium-complete", "complete the word before the cursor") { editor, _ in
      LineEditor.instance(of: editor)?.completeAtCursor() ?? UInt8(CC_ERROR)
    }
    editline_bind(editor, "^R", "em-inc-search-prev")
    editline_bind(editor, "\\e[1;5C", "em-next-word")
    editline_bind(editor, "\\e[1;5D", "ed-prev-word")
    el_source(editor, nil)
    editline_bind(editor, "^I", "kernelarium-complete")
  }

  deinit {
    el_end(editor)
    history_end(entries)
    free(promptText)
  }

  /// Encloses characters of the prompt that take no room.
  private static let escape: CChar = 1

  private static func instance(of editor: OpaquePointer?) -> LineEditor? {
    guard let editor, let data = editline_client_data(editor) else { return nil }
    // The pointer was made from `self`, which owns the editor and so outlives every callback.
    return Unmanaged<LineEditor>.fromOpaque(data).takeUnretainedValue()
  }

  /// Reads a line.
  ///
  /// - Parameter prompt: One line; colours come from `renderer`.
  func readLine(prompt: StyledLine, renderer: Renderer) -> Event {
    if let text = strdup(Self.promptString(prompt, renderer)) {
      free(promptText)
      promptText = text
    }
    var count: Int32 = 0
    errno = 0
    guard let line = el_gets(editor, &count) else {
      if count < 0, errno == EINTR || UserInterrupt.shared.isRequested {
        el_reset(editor)
        return .interrupted
      }
      return .endOfFile
    }
    var text = String(cString: line)
    if text.last == "\n" { text.removeLast() }
    return .line(text)
  }

  /// Adds a line to the history of this session.
  func remember(_ line: String) { editline_history_enter(entries, line) }

  /// The prompt with colours enclosed by the escape character.
  ///
  /// libedit attaches an enclosed sequence to the visible character after it: two of them must not follow each other, and
  /// the prompt has to end in plain text.
  static func promptString(_ prompt: StyledLine, _ renderer: Renderer) -> String {
    guard renderer.usesColor else { return prompt.text }
    var result = ""
    var isColored = false
    for span in prompt.spans {
      let code = Renderer.code(span.role)
      let sequence = (isColored ? "\u{1b}[0m" : "") + (code.map { "\u{1b}[\($0)m" } ?? "")
      if !sequence.isEmpty { result += "\u{1}\(sequence)\u{1}" }
      result += span.text
      isColored = code != nil
    }
    return result
  }

  /// The text before the cursor.
  private var textBeforeCursor: String {
    guard let info = el_line(editor)?.pointee, let start = info.buffer, let cursor = info.cursor else { return "" }
    let count = cursor - start
    let bytes = UnsafeRawBufferPointer(start: start, count: max(0, count))
    return String(decoding: bytes, as: UTF8.self)
  }

  private func completeAtCursor() -> UInt8 {
    let completion = complete(textBeforeCursor)
    if !completion.insertion.isEmpty {
      return el_insertstr(editor, completion.insertion) == 0 ? UInt8(CC_REFRESH) : UInt8(CC_ERROR)
    }
    if completion.choices.isEmpty { return UInt8(CC_ERROR) }
    editline_flush()
    output.write(raw: "\n")
    output.write(completion.listing)
    return UInt8(CC_REDISPLAY)
  }
}
