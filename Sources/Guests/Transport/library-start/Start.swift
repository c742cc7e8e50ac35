// How the program library begins where the services are reached by messages.

import Interfaces
import Transport

@c @implementation
func library_start() {
  precondition(unix_size() <= library_calls_size())
  var services = unix_services(
    files: handle(.fs), console: handle(.con), processes: handle(.pm), memory: handle(.vm),
    network: handle(.net))
  unix_init(OpaquePointer(library_calls()), &services)
}
