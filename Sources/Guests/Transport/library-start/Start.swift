// How the program library begins where the services are reached by messages.

import Interfaces
import Transport

@c @implementation
func library_start() {
  precondition(unix_size() <= library_calls_size())
  // After `exec` the instance is there already, with the descriptors of the program before.
  guard library_calls_mark().pointee != unix_size() else { return }
  var services = unix_services(
    files: handle(.fs), console: handle(.con), processes: handle(.pm), memory: handle(.vm),
    pipes: handle(.pipe), network: handle(.net))
  unix_init(OpaquePointer(library_calls()), &services)
  library_calls_mark().pointee = unix_size()
}
