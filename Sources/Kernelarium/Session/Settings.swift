// The tool's own settings: what `set` changes and `show` shows. The machine's state is not in here.

/// Settings of one session.
struct Settings: Sendable {
  /// What pseudo-random choices start from, at the next boot.
  var seed: UInt64 = 1
  /// The seed that the program was started with: a student's own, from which a lesson draws their questions.
  var studentSeed: UInt64?
  /// One object a line instead of text.
  var json = false
  /// No hints, notes or progress.
  var quiet = false
}
