// Runs images on `qemu-system-riscv64` for comparison, where it is installed: its translator with one thread, without
// `-icount`. A run that does not end is killed.

import Glibc

/// QEMU as a process.
struct QEMU {
  private let executable: String
  /// Seconds that a process takes besides what the guest does.
  private(set) var overhead = 0.0

  private static let longestRun = 120.0
  private static let flags = [
    "-M", "virt", "-accel", "tcg,thread=single", "-m", "128M", "-bios", "none", "-display", "none", "-monitor", "none",
    "-global", "virtio-mmio.force-legacy=false",
  ]

  /// QEMU on the search path; nil if it is not installed.
  init?() {
    let folders = (StateFolder.environment("PATH") ?? "").split(separator: ":")
    let candidates = folders.map { folder in "\(folder)/qemu-system-riscv64" }
    guard let found = candidates.first(where: { path in access(path, X_OK) == 0 }) else { return nil }
    executable = found
  }

  /// Measures what a run of an image that ends at once takes; later measurements leave that out.
  mutating func calibrate(with image: String, repetitions: Int) throws(CommandError) {
    overhead = 0
    var best: Double?
    for _ in 0..<repetitions {
      if let seconds = try seconds(toEndOf: image) { best = min(best ?? seconds, seconds) }
    }
    overhead = best ?? 0
  }

  /// Seconds that an image takes until it ends through the test finisher; nil if it does not.
  func seconds(toEndOf image: String) throws(CommandError) -> Double? {
    let start = ContinuousClock().now
    guard let child = spawn(["-serial", "null", "-kernel", image], output: nil) else { return nil }
    while true {
      var status: Int32 = 0
      if waitpid(child, &status, WNOHANG) == child {
        return status == 0 ? max(0, elapsed(since: start) - overhead) : nil
      }
      if elapsed(since: start) > Self.longestRun || UserInterrupt.shared.isRequested {
        try end(child)
        return nil
      }
      usleep(500)
    }
  }

  /// Seconds until an image that boots from a disk writes a text to its console; nil if it does not.
  func seconds(until text: String, kernel: String, disk: String) throws(CommandError) -> Double? {
    var pipes: [Int32] = [0, 0]
    guard pipe(&pipes) == 0 else { return nil }
    defer { close(pipes[0]) }
    let start = ContinuousClock().now
    let child = spawn(
      [
        "-serial", "stdio", "-kernel", kernel, "-drive", "file=\(disk),format=raw,if=none,id=disk", "-device",
        "virtio-blk-device,drive=disk",
      ], output: pipes[1])
    close(pipes[1])
    guard let child else { return nil }
    var seen: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    var result: Double?
    while result == nil, elapsed(since: start) <= Self.longestRun, !UserInterrupt.shared.isRequested {
      var descriptor = pollfd(fd: pipes[0], events: Int16(POLLIN), revents: 0)
      guard poll(&descriptor, 1, 1000) > 0 else { continue }
      let count = read(pipes[0], &buffer, buffer.count)
      guard count > 0 else { break }
      seen += buffer[..<count]
      if String(decoding: seen, as: UTF8.self).contains(text) { result = max(0, elapsed(since: start) - overhead) }
    }
    try end(child)
    return result
  }

  private func elapsed(since start: ContinuousClock.Instant) -> Double {
    HostClock.seconds(ContinuousClock().now - start)
  }

  private func end(_ child: pid_t) throws(CommandError) {
    kill(child, SIGKILL)
    var status: Int32 = 0
    waitpid(child, &status, 0)
    if UserInterrupt.shared.isRequested { throw CommandError(.interrupted, "the measurement was interrupted") }
  }

  private func spawn(_ arguments: [String], output: Int32?) -> pid_t? {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    if let output {
      posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
    } else {
      posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
    }
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
    let words = [executable] + Self.flags + arguments
    var pointers: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    var child: pid_t = 0
    return posix_spawn(&child, executable, &actions, nil, &pointers, environ) == 0 ? child : nil
  }
}
