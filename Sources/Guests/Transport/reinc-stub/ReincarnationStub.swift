// The reincarnation server's interface (Interfaces/reinc.h) for its clients.

import Interfaces
import Transport

@c @implementation
func reinc_report(_ service: UInt64) -> Int64 {
  let result = ipc_call(Service.reinc.rawValue, UInt64(REINC_LABEL_REPORT), service, 0, 0, 0, 0)
  return result.status < 0 ? result.status : result.label
}
