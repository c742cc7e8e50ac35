// Computes without end and prints nothing: a task that gives the processor away only when it is taken.
//
// Callers must not wait for it to end by itself.

import Interfaces
import _Volatile

/// Steps a xorshift generator, whose state never becomes 0.
@c @implementation
public func program_main(_ arguments: UnsafePointer<UInt8>, _ length: UInt64) -> Int64 {
  var state: UInt64 = 1
  var shown: UInt64 = 0
  withUnsafeMutablePointer(to: &shown) { shown in
    // The volatile store is what keeps the compiler from dropping a loop whose result nobody uses.
    let sink = VolatileMappedRegister<UInt64>(unsafeBitPattern: UInt(bitPattern: shown))
    while state != 0 {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      sink.store(state)
    }
  }
  return 0
}
