// Time and memory of the host, for `bench` only: nothing measured here may reach a guest or any other command's JSON.

import Glibc

/// Measures on the host.
enum HostClock {
  /// Seconds that the work took.
  static func seconds(_ work: () -> Void) -> Double {
    let duration = ContinuousClock().measure(work)
    return seconds(duration)
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
