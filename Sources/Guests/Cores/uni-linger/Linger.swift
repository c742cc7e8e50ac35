// The end of an application that talked to a network: what it wrote last is on its way when it returns, and nobody else
// will see to it.
//
// An object of its own, because it goes with the network.

import Interfaces
import UniState

@c @implementation
func uni_linger() {
  let longest: UInt64 = 2_000_000
  let millisecond: UInt64 = 10_000
  let end = env_time() &+ longest
  // The network service has set its alarm while it waits for the other side.
  while uni.alarm != 0 && env_time() < end { env_sleep(millisecond) }
}
