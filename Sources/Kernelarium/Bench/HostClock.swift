// Time and memory of the host, for `bench` only: nothing measured here may reach a guest or any other command's JSON.

import Glibc

/// Measures on the host.
enum HostClock {
  /// Seconds that the work took.
  static func seconds(_ work: () -> Void) -> Double {
    let duration = ContinuousClock().measure(work)
    return seconds(duration)
  }

  /// Seconds of processor time that the work took on this thread: what else the computer does hardly disturbs them.
  static func processorSeconds(_ work: () -> Void) -> Double {
    let start = processorSeconds
    work()
    return processorSeconds - start
  }

  /// Seconds of processor time that this thread has taken so far.
  static var processorSeconds: Double { seconds(of: CLOCK_THREAD_CPUTIME_ID) }

  /// Seconds of processor time that a child process has taken so far; nil if it cannot be asked.
  static func processorSeconds(ofChild child: pid_t) -> Double? {
    var clock = clockid_t()
    guard clock_getcpuclockid(child, &clock) == 0 else { return nil }
    return seconds(of: clock)
  }

  private static func seconds(of clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  /// A duration in seconds.
  static func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
  }

  /// The most memory that this process has had resident, in bytes.
  static var peakMemoryBytes: UInt64 {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return UInt64(max(0, usage.ru_maxrss)) * 1024
  }
}
