// Exceptions as values: what an instruction throws instead of retiring. Only `Traps.swift` turns one into a change of
// the hart's state.

/// The causes of synchronous exceptions (privileged specification 1.12, table 3.6).
enum ExceptionCause: UInt64 {
  case instructionAccessFault = 1
  case illegalInstruction = 2
  case breakpoint = 3
  case loadAddressMisaligned = 4
  case loadAccessFault = 5
  case storeAddressMisaligned = 6
  case storeAccessFault = 7
  case environmentCallFromUser = 8
  case environmentCallFromSupervisor = 9
  case environmentCallFromMachine = 11
  case instructionPageFault = 12
  case loadPageFault = 13
  case storePageFault = 15
}

/// An exception on its way to the trap handler.
struct Trap: Error {
  let cause: ExceptionCause
  /// What the handler finds in `mtval` or `stval`.
  let value: UInt64
}
