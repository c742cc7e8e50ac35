// Everything the program writes goes through here: results to standard output, diagnostics to standard error, both to
// the transcript. A closed pipe is remembered, not reported: callers stop when `isClosed`.

import Glibc

/// The program's output.
final class Output {
  /// How results are rendered.
  var renderer: Renderer
  /// How diagnostics are rendered.
  var errorRenderer: Renderer
  /// Whether someone closed the other end of standard output.
  private(set) var isClosed = false
  private var transcript: Int32?
  /// Whether everything is written to a file as well.
  var keepsTranscript: Bool { transcript != nil }

  init(renderer: Renderer, errorRenderer: Renderer) {
    self.renderer = renderer
    self.errorRenderer = errorRenderer
  }

  deinit {
    if let transcript { close(transcript) }
  }

  /// Starts a transcript, replacing the file.
  func startTranscript(at path: String) throws(CommandError) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    if descriptor < 0 {
      throw CommandError(
        .badFile, "cannot write the transcript \(path): \(SystemMessage.text(errno))",
        hint: "name a file in a folder that you can write to")
    }
    if let transcript { close(transcript) }
    transcript = descriptor
  }

  /// Writes a result.
  func write(_ text: StyledText) {
    writeStandard(renderer.string(text))
    writeTranscript(text.text)
  }

  /// Writes characters as they are to standard output, such as a line of JSON.
  func write(raw text: String) {
    writeStandard(text)
    writeTranscript(text)
  }

  /// Writes what a guest wrote to its console, as it is.
  func write(bytes: [UInt8]) {
    if isClosed || bytes.isEmpty { return }
    if bytes.withUnsafeBytes({ Self.writeAll($0, to: STDOUT_FILENO) }) == EPIPE { isClosed = true }
    writeTranscript(String(decoding: bytes, as: UTF8.self))
  }

  /// Writes a diagnostic.
  func writeError(_ text: StyledText) {
    _ = Self.writeAll(errorRenderer.string(text), to: STDERR_FILENO)
    writeTranscript(text.text)
  }

  /// Writes to the transcript only: what was typed.
  func writeTranscript(_ text: String) {
    guard let transcript else { return }
    _ = Self.writeAll(text, to: transcript)
  }

  private func writeStandard(_ text: String) {
    if isClosed { return }
    if Self.writeAll(text, to: STDOUT_FILENO) == EPIPE { isClosed = true }
  }

  /// Writes all bytes; returns 0 or the error number.
  static func writeAll(_ text: String, to descriptor: Int32) -> Int32 {
    var text = text
    return text.withUTF8 { writeAll(UnsafeRawBufferPointer($0), to: descriptor) }
  }

  /// Writes all bytes; returns 0 or the error number.
  static func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int32 {
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
      if written < 0 {
        if errno == EINTR { continue }
        return errno
      }
      rest = rest.dropFirst(written)
    }
    return 0
  }
}

/// The C library's words for an error number.
enum SystemMessage {
  static func text(_ number: Int32) -> String { String(cString: strerror(number)).lowercased() }
}
