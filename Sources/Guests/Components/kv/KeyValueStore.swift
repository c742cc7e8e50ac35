// The key-value service: a table of rows that is searched from its beginning.
//
// A call that fails leaves the table as it was.

import Interfaces

/// One key and its value.
private struct Row {
  var key: InlineArray<32, UInt8>
  var value: InlineArray<128, UInt8>
  /// Bytes of the key; 0: the row is free.
  var keyLength: UInt64
  var valueLength: UInt64
}

/// Its methods are all mutating, so that they work in place: one that only looks would get a copy of it.
private struct Store {
  var rows: InlineArray<64, Row>
  /// A key on its way in: compared before it is believed to be new.
  var key: InlineArray<32, UInt8>
}

private func store(_ service: OpaquePointer) -> UnsafeMutablePointer<Store> { UnsafeMutablePointer(service) }

extension Store {
  /// Brings a client's key in.
  fileprivate mutating func take(
    _ client: UInt64, _ address: user_address, _ length: UInt64
  ) throws(ErrorCode) {
    guard length > 0 else { throw .invalid }
    guard length <= UInt64(KV_MAXIMUM_KEY) else { throw .nameTooLong }
    guard env_copy_in(client, &key, address, length) == 0 else { throw .badAddress }
  }

  /// The row of the key that was taken.
  fileprivate mutating func row(_ length: UInt64) -> Int? {
    for index in 0..<Int(KV_ROWS) where rows[index].keyLength == length && matches(index, Int(length)) { return index }
    return nil
  }

  private mutating func matches(_ index: Int, _ length: Int) -> Bool {
    for position in 0..<length where rows[index].key[position] != key[position] { return false }
    return true
  }

  fileprivate mutating func freeRow() throws(ErrorCode) -> Int {
    for index in 0..<Int(KV_ROWS) where rows[index].keyLength == 0 { return index }
    throw .noSpace
  }
}

/// Bytes of an instance.
@c @implementation
public func kv_size() -> UInt64 { UInt64(MemoryLayout<Store>.stride) }

/// Empties the table.
@c @implementation
public func kv_init(_ service: OpaquePointer) -> Int64 {
  // All zeros is the empty table.
  UnsafeMutableRawPointer(service).initializeMemory(as: UInt8.self, repeating: 0, count: MemoryLayout<Store>.stride)
  return 0
}

/// Copies a key's value to the client; the value's bytes.
@c @implementation
public func kv_get(
  _ service: OpaquePointer, _ client: UInt64, _ key: user_address, _ keyLength: UInt64, _ destination: user_address,
  _ length: UInt64
) -> Int64 {
  let store = store(service)
  do throws(ErrorCode) {
    try store.pointee.take(client, key, keyLength)
    guard let row = store.pointee.row(keyLength) else { throw .notFound }
    let size = store.pointee.rows[row].valueLength
    guard env_copy_out(client, destination, &store.pointee.rows[row].value, min(size, length)) == 0 else {
      throw .badAddress
    }
    return Int64(size)
  } catch {
    return error.result
  }
}

/// Sets a value, in a new row or in that of the key.
@c @implementation
public func kv_put(
  _ service: OpaquePointer, _ client: UInt64, _ key: user_address, _ keyLength: UInt64, _ value: user_address,
  _ valueLength: UInt64
) -> Int64 {
  let store = store(service)
  do throws(ErrorCode) {
    guard valueLength <= UInt64(KV_MAXIMUM_VALUE) else { throw .fileTooLarge }
    try store.pointee.take(client, key, keyLength)
    let known = store.pointee.row(keyLength)
    let row = if let known { known } else { try store.pointee.freeRow() }
    guard env_copy_in(client, &store.pointee.rows[row].value, value, valueLength) == 0 else { throw .badAddress }
    store.pointee.rows[row].key = store.pointee.key
    store.pointee.rows[row].keyLength = keyLength
    store.pointee.rows[row].valueLength = valueLength
    return 0
  } catch {
    return error.result
  }
}

/// Frees the row of a key.
@c @implementation
public func kv_delete(
  _ service: OpaquePointer, _ client: UInt64, _ key: user_address, _ keyLength: UInt64
) -> Int64 {
  let store = store(service)
  do throws(ErrorCode) {
    try store.pointee.take(client, key, keyLength)
    guard let row = store.pointee.row(keyLength) else { throw .notFound }
    store.pointee.rows[row].keyLength = 0
    return 0
  } catch {
    return error.result
  }
}

/// How many rows are taken.
@c @implementation
public func kv_count(_ service: OpaquePointer) -> Int64 {
  let store = store(service)
  var count: Int64 = 0
  for index in 0..<Int(KV_ROWS) where store.pointee.rows[index].keyLength != 0 { count += 1 }
  return count
}
