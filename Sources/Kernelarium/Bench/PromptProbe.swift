// Time from the start of a process to its first prompt, measured from outside: this program starts itself on a
// pseudo-terminal of its own and waits for the prompt's characters.

import CEditLine
import Glibc

/// Starts the program and waits for its prompt.
enum PromptProbe {
  private static let longestWait: Int32 = 10_000

  /// Seconds from the start to the first prompt; nil if no pseudo-terminal or no prompt could be had.
  ///
  /// - Parameter executable: The program's path.
  static func seconds(executable: String) -> Double? {
    let master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)
    guard master >= 0 else { return nil }
    defer { close(master) }
    guard grantpt(master) == 0, unlockpt(master) == 0, let name = ptsname(master) else { return nil }
    let terminal = String(cString: name)
    let clock = ContinuousClock()
    let start = clock.now
    guard let child = spawn(executable, on: terminal) else { return nil }
    defer {
      kill(child, SIGKILL)
      var status: Int32 = 0
      waitpid(child, &status, 0)
    }
    var seen: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      var descriptor = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
      guard poll(&descriptor, 1, longestWait) > 0 else { return nil }
      let count = read(master, &buffer, buffer.count)
      guard count > 0 else { return nil }
      seen += buffer[..<count]
      // Without colour and without a system, the prompt is nothing but this.
      if String(decoding: seen, as: UTF8.self).hasSuffix("> ") { return HostClock.seconds(clock.now - start) }
    }
  }

  private static func spawn(_ executable: String, on terminal: String) -> pid_t? {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, terminal, O_RDWR, 0)
    posix_spawn_file_actions_adddup2(&actions, STDIN_FILENO, STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, STDIN_FILENO, STDERR_FILENO)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // A session of its own, so that the new terminal controls it.
    posix_spawnattr_setflags(&attributes, terminal_spawn_new_session)

    let words = [executable, "--color", "never"]
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    var child: pid_t = 0
    let result = posix_spawn(&child, executable, &actions, &attributes, &arguments, environ)
    return result == 0 ? child : nil
  }
}
