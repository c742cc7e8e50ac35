// The privilege modes and the kinds of memory access, as the privileged specification names them.

import RISCV

/// A privilege mode of the hart (privileged specification 1.12, section 1.2).
public enum Privilege: UInt8, Codable, Hashable, Sendable, CaseIterable {
  case user = 0
  case supervisor = 1
  case machine = 3
}

/// A kind of memory access, as far as permissions tell them apart.
public enum Access: UInt8, Codable, Hashable, Sendable, CaseIterable {
  case read
  case write
  case execute

  /// The exception raised when physical memory protection or the bus refuses the access.
  var accessFault: ExceptionCause {
    switch self {
    case .read: .loadAccessFault
    case .write: .storeAccessFault
    case .execute: .instructionAccessFault
    }
  }

  /// The exception raised when address translation refuses the access.
  var pageFault: ExceptionCause {
    switch self {
    case .read: .loadPageFault
    case .write: .storePageFault
    case .execute: .instructionPageFault
    }
  }
}
