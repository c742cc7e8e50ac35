// Writes text into files that the user names. Callers must have asked for the file by an option of their own: nothing is
// written unasked.

import Foundation

/// Text files of the user's.
enum TextFile {
  /// Writes a file, and replaces one that is there.
  static func write(_ text: String, to path: String) throws(CommandError) {
    do {
      try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw CommandError(
        .badFile, "\(path) cannot be written", hint: "name a file in a folder that exists and that you can write to")
    }
  }
}
