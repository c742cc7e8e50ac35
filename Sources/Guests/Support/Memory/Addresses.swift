// Numbers as addresses: for code that works on page tables, device registers and raw memory.
//
// Callers must know what lies at the address; nothing checks it.

/// The word at an address that is not null.
@inline(__always) func word(_ address: UInt64) -> UnsafeMutablePointer<UInt64> {
  UnsafeMutablePointer(bitPattern: UInt(address)).unsafelyUnwrapped
}

/// The memory at an address that is not null.
@inline(__always) func memory(_ address: UInt64) -> UnsafeMutableRawPointer {
  UnsafeMutableRawPointer(bitPattern: UInt(address)).unsafelyUnwrapped
}

/// The address of a pointer as a number.
@inline(__always) func address(_ pointer: UnsafeRawPointer) -> UInt64 { UInt64(UInt(bitPattern: pointer)) }

extension UInt64 {
  /// Rounded down to a page.
  @inline(__always) var pageFloor: UInt64 { self & ~(Layout.pageSize - 1) }
  /// Rounded up to a page; wraps for the last page of all.
  @inline(__always) var pageCeiling: UInt64 { (self &+ (Layout.pageSize - 1)) & ~(Layout.pageSize - 1) }
}
