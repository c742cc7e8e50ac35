// The place where a request survives the service that works on it: it is repeated after the service died or fell silent.
//
// Only for requests that may be carried out twice.

import Interfaces
import Transport

/// After so many restarts for one request the requester gets an input/output error.
private var maximumRestarts: Int { 3 }

@c @implementation
func ipc_persist(
  _ service: UInt64, _ label: UInt64, _ word0: UInt64, _ word1: UInt64, _ patience: UInt64,
  _ payload: UnsafeMutablePointer<ipc_payload>?
) -> Int64 {
  var restarts = 0
  while true {
    // Words alone may take the kernel's fastpath.
    let result =
      if let payload {
        ipc_call_payload(service, label, word0, word1, 0, 0, patience, payload)
      } else {
        ipc_call(service, label, word0, word1, 0, 0, patience)
      }
    switch result.status {
    case 0: return result.label
    case ErrorCode.serverDied.result: break
    case ErrorCode.timedOut.result: _ = reinc_report(service)
    default: return result.status
    }
    restarts += 1
    if restarts == maximumRestarts { return ErrorCode.inputOutput.result }
  }
}
