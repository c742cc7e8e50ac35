// The program library's services where they are reached by messages: handles instead of instances.

import Interfaces
import Transport

/// The caller is the program itself; whoever is behind a stub knows its number from the kernel.
@c @implementation
func library_client() -> UInt64 { 0 }

@c @implementation
func library_start() {
  precondition(unix_size() <= library_calls_size())
  var services = unix_services(
    files: handle(.fs), console: handle(.con), processes: handle(.pm), memory: handle(.vm))
  unix_init(OpaquePointer(library_calls()), &services)
}
