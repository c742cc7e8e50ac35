// The boot archive in the address space of a server that may load programs.

import Interfaces
import Transport

@c @implementation
func archive_base() -> UnsafePointer<UInt8> {
  // Mapped once: the second call finds the pages there already.
  _ = kernel_archive()
  return UnsafePointer(memory(Layout.userArchive).assumingMemoryBound(to: UInt8.self))
}
