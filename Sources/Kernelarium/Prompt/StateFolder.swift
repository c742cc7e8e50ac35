// Where the program keeps what outlives it: history and progress. Nothing here fails loudly: a program whose state
// cannot be kept still works.

import Glibc

/// The user's state folder, after the XDG base directory specification.
enum StateFolder {
  /// `$XDG_STATE_HOME/kernelarium`, or `~/.local/state/kernelarium`; nil without a home.
  static var path: String? {
    if let base = environment("XDG_STATE_HOME"), base.hasPrefix("/") { return base + "/kernelarium" }
    guard let home = environment("HOME"), home.hasPrefix("/") else { return nil }
    return home + "/.local/state/kernelarium"
  }

  /// Makes the folder and its parents; returns why not, or nil.
  static func create(_ path: String) -> String? {
    var partial = ""
    for component in path.split(separator: "/") {
      partial += "/" + component
      if mkdir(partial, 0o700) != 0, errno != EEXIST { return "\(partial): \(SystemMessage.text(errno))" }
    }
    return nil
  }

  /// A non-empty variable of the environment.
  static func environment(_ name: String) -> String? {
    guard let value = getenv(name), value.pointee != 0 else { return nil }
    return String(cString: value)
  }
}
