// How much memory the computer has that runs the machine: only to refuse configurations that could never work. Nothing a
// guest can observe may depend on it.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

enum HostMemory {
  /// The bytes of physical memory, or nil if the system does not say.
  static var bytes: UInt64? {
    let pages = sysconf(Int32(_SC_PHYS_PAGES))
    let pageSize = sysconf(Int32(_SC_PAGESIZE))
    guard pages > 0, pageSize > 0 else { return nil }
    let (product, overflows) = UInt64(pages).multipliedReportingOverflow(by: UInt64(pageSize))
    return overflows ? nil : product
  }
}
