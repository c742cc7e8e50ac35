// Runs images on `qemu-system-riscv64` for comparison, where it is installed: its translator with one thread, without
// `-icount`. A run that does not end is killed.

import Glibc

/// QEMU as a process; all times are processor time.
struct QEMU {
  private let executable: String
  /// Seconds that a process takes besides what the guest does.
  private(set) var overhead = 0.0

  private static let longestRun = 120.0
  private static let flags = [
    "-M", "virt", "-accel", "tcg,thread=single", "-m", "128M", "-bios", "none", "-display", "none",
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
    guard let child = spawn(["-serial", "null", "-monitor", "none", "-kernel", image]) else { return nil }
    while true {
      var status: Int32 = 0
      var usage = rusage()
      if wait4(child, &status, WNOHANG, &usage) == child {
        let seconds = [usage.ru_utime, usage.ru_stime].map { Double($0.tv_sec) + Double($0.tv_usec) * 1e-6 }
        return status == 0 ? max(0, seconds[0] + seconds[1] - overhead) : nil
      }
      if isTooLate(since: start) {
        try end(child)
        return nil
      }
      usleep(500)
    }
  }

  /// Seconds that some boots from a disk take together, each from the reset of the board until the system writes a text
  /// to its console; nil if one does not get there.
  ///
  /// The first boot after the start of the process is not among them.
  func seconds(of boots: Int, until text: String, kernel: String, disk: String) throws(CommandError) -> Double? {
    guard let console = Pipe(), let monitor = Pipe() else { return nil }
    let child = spawn(
      [
        "-chardev", "file,id=console,path=/dev/fd/\(Self.consoleDescriptor)", "-serial", "chardev:console",
        "-monitor", "stdio", "-kernel", kernel, "-drive", "file=\(disk),format=raw,if=none,id=disk,snapshot=on",
        "-device", "virtio-blk-device,drive=disk",
      ], input: monitor.reading, console: console.writing)
    guard let child else { return nil }
    var start: Double?
    var result: Double?
    for boot in 0...boots {
      guard waits(for: text, on: console.reading) else { break }
      let now = HostClock.processorSeconds(ofChild: child)
      if boot == 0 { start = now }
      if boot == boots, let start, let now { result = now - start }
      let reset = Array("system_reset\n".utf8)
      guard write(monitor.writing, reset, reset.count) == reset.count else { break }
    }
    try end(child)
    return result
  }

  /// Both ends of a pipe, closed together.
  private struct Pipe: ~Copyable {
    let reading: Int32
    let writing: Int32

    init?() {
      var ends: [Int32] = [0, 0]
      guard pipe(&ends) == 0 else { return nil }
      // The child gets copies where it looks for them, and nothing else.
      for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
      (reading, writing) = (ends[0], ends[1])
    }

    deinit {
      close(reading)
      close(writing)
    }
  }

  private func waits(for text: String, on descriptor: Int32) -> Bool {
    let wanted = Array(text.utf8)
    let start = ContinuousClock().now
    var seen: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while !isTooLate(since: start) {
      var event = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&event, 1, 1000) > 0 else { continue }
      let count = read(descriptor, &buffer, buffer.count)
      guard count > 0 else { return false }
      seen += buffer[..<count]
      if seen.contains(wanted) { return true }
    }
    return false
  }

  private func isTooLate(since start: ContinuousClock.Instant) -> Bool {
    HostClock.seconds(ContinuousClock().now - start) > Self.longestRun || UserInterrupt.shared.isRequested
  }

  private func end(_ child: pid_t) throws(CommandError) {
    kill(child, SIGKILL)
    var status: Int32 = 0
    waitpid(child, &status, 0)
    if UserInterrupt.shared.isRequested { throw CommandError(.interrupted, "the measurement was interrupted") }
  }

  /// Where the child finds the pipe for the guest's console.
  private static let consoleDescriptor: Int32 = 3

  private func spawn(_ arguments: [String], input: Int32? = nil, console: Int32? = nil) -> pid_t? {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    // A copy in between: the number wanted may be that of another descriptor given here.
    let spare = console.map { fcntl($0, F_DUPFD_CLOEXEC, 16) }
    defer { if let spare { close(spare) } }
    if let input {
      posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
    } else {
      posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    }
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
    if let spare { posix_spawn_file_actions_adddup2(&actions, spare, Self.consoleDescriptor) }
    let words = [executable] + Self.flags + arguments
    var pointers: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    var child: pid_t = 0
    return posix_spawn(&child, executable, &actions, nil, &pointers, environ) == 0 ? child : nil
  }
}
