// The instance pointer of a service that is reached by messages: not an address, but the slot of the
// capability for its endpoint.

/// The handle by which a stub's caller names the service.
@inline(__always) func handle(_ service: Service) -> OpaquePointer {
  OpaquePointer(bitPattern: UInt(service.rawValue)).unsafelyUnwrapped
}

/// The slot that a handle stands for.
@inline(__always) func slot(_ handle: OpaquePointer) -> UInt64 { UInt64(UInt(bitPattern: handle)) }
