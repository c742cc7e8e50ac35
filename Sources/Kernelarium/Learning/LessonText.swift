// Lesson text in this program's roles.

import Lessons

extension StyledText {
  /// Adds a lesson's lines.
  mutating func lesson(_ lines: [Lessons.StyledLine]) {
    for lessonLine in lines {
      var line = StyledLine()
      for run in lessonLine.runs { line.append(run.text, TextRole(run.style)) }
      self.line(line)
    }
  }
}

extension TextRole {
  fileprivate init(_ style: TextStyle) {
    if style.contains(.heading) {
      self = .strong
    } else if style.contains(.note) {
      self = .warning
    } else if style.contains(.command) || style.contains(.code) {
      self = .code
    } else if style.contains(.mark) || style.contains(.output) {
      self = .dim
    } else if style.contains(.strong) || style.contains(.emphasis) {
      self = .strong
    } else if style.contains(.link) {
      self = .name
    } else {
      self = .plain
    }
  }
}
