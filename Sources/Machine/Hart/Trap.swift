// Exceptions as values: what an instruction throws instead of retiring. Only `Traps.swift` turns one into a change of
// the hart's state.

import RISCV

/// An exception on its way to the trap handler.
struct Trap: Error {
  let cause: ExceptionCause
  /// What the handler finds in `mtval` or `stval`.
  let value: UInt64
}
