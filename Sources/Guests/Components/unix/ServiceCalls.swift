// The calls about services by name, modules and the block cache.
//
// A service's descriptor holds nothing in the service: closing it tells nobody.

import Interfaces

extension UnixCalls {
  /// A descriptor for the service of a name.
  mutating func findService(_ client: UInt64, _ name: user_address, _ length: UInt64) throws(ErrorCode) -> Int64 {
    let number = try descriptors.lowestFree()
    let handle = try checked(services_find(client, name, length))
    descriptors.set(number, Descriptor(kind: .service, handle: UInt64(handle)))
    return Int64(number)
  }
}

/// The instance behind the opaque pointer.
@inline(__always)
private func instance(_ calls: OpaquePointer) -> UnsafeMutablePointer<UnixCalls> {
  UnsafeMutablePointer<UnixCalls>(calls)
}

/// Finds a service by its name; its descriptor.
@c @implementation
public func unix_findservice(
  _ calls: OpaquePointer, _ client: UInt64, _ name: user_address, _ length: UInt64
) -> Int64 {
  do throws(ErrorCode) {
    return try instance(calls).pointee.findService(client, name, length)
  } catch {
    return error.result
  }
}

/// Asks a service that was found by name; its result.
@c @implementation
public func unix_callservice(
  _ calls: OpaquePointer, _ client: UInt64, _ descriptor: UInt64, _ message: user_address
) -> Int64 {
  do throws(ErrorCode) {
    return services_call(client, try instance(calls).pointee.descriptors.service(descriptor), message)
  } catch {
    return error.result
  }
}

/// Takes a module into the kernel.
@c @implementation
public func unix_loadmodule(
  _ calls: OpaquePointer, _ client: UInt64, _ name: user_address, _ length: UInt64
) -> Int64 { modules_load(client, name, length) }

/// Takes a module out of the kernel.
@c @implementation
public func unix_unloadmodule(
  _ calls: OpaquePointer, _ client: UInt64, _ name: user_address, _ length: UInt64
) -> Int64 { modules_unload(client, name, length) }

/// Sets the file system's replacement policy; the one before.
@c @implementation
public func unix_cachepolicy(_ calls: OpaquePointer, _ client: UInt64, _ policy: UInt64) -> Int64 {
  fs_policy(instance(calls).pointee.services.files, policy)
}

/// Reports how the file system's block cache works.
@c @implementation
public func unix_statistics(
  _ calls: OpaquePointer, _ client: UInt64, _ destination: user_address, _ length: UInt64
) -> Int64 { fs_statistics(instance(calls).pointee.services.files, client, destination, length) }

/// Refuses what this structure does not have.
@c @implementation
public func unix_refuse() -> Int64 { ErrorCode.notImplemented.result }
