// The file system's interface (Interfaces/fs.h) for those who reach it by messages.
//
// A user_address is an address of the caller's own. Transfers longer than a message are cut into several.

import Interfaces
import Transport

/// One call with bytes to send and room for bytes; the service's result or a negated error.
private func exchange(
  _ service: OpaquePointer, _ label: Int, _ words: (UInt64, UInt64, UInt64), send: user_address, _ sendLength: UInt64,
  receive: user_address = 0, _ receiveLength: UInt64 = 0
) -> Int64 {
  guard sendLength <= UInt64(IPC_MAXIMUM_PAYLOAD) else { return ErrorCode.nameTooLong.result }
  var payload = ipc_payload()
  if sendLength > 0 {
    payload.send = UnsafeRawPointer(memory(send))
    payload.send_length = sendLength
    ipc_touch_for_reading(memory(send), sendLength)
  }
  if receiveLength > 0 {
    payload.receive = memory(receive)
    payload.receive_length = receiveLength
    ipc_touch_for_writing(memory(receive), receiveLength)
  }
  let result = ipc_call_payload(slot(service), UInt64(label), words.0, words.1, words.2, 0, 0, &payload)
  return result.status < 0 ? failure(result.status) : result.label
}

private func exchange(
  _ service: OpaquePointer, _ label: Int, _ word: UInt64, _ second: UInt64 = 0, _ third: UInt64 = 0
) -> Int64 {
  let result = ipc_call(slot(service), UInt64(label), word, second, third, 0, 0)
  return result.status < 0 ? failure(result.status) : result.label
}

/// A file system that dies takes its open files along: its clients see a failed device.
private func failure(_ status: Int64) -> Int64 {
  status == ErrorCode.serverDied.result ? ErrorCode.inputOutput.result : status
}

@c @implementation
func fs_open(
  _ service: OpaquePointer, _ client: UInt64, _ path: user_address, _ length: UInt64, _ flags: UInt64
) -> Int64 { exchange(service, FS_LABEL_OPEN, (flags, 0, 0), send: path, length) }

@c @implementation
func fs_close(_ service: OpaquePointer, _ client: UInt64, _ file: UInt64) -> Int64 {
  exchange(service, FS_LABEL_CLOSE, file)
}

@c @implementation
func fs_read(
  _ service: OpaquePointer, _ client: UInt64, _ file: UInt64, _ offset: UInt64, _ destination: user_address,
  _ length: UInt64
) -> Int64 {
  transfer(length) { done, part in
    exchange(
      service, FS_LABEL_READ, (file, offset &+ done, part), send: 0, 0, receive: destination &+ done, part)
  }
}

@c @implementation
func fs_write(
  _ service: OpaquePointer, _ client: UInt64, _ file: UInt64, _ offset: UInt64, _ source: user_address,
  _ length: UInt64
) -> Int64 {
  transfer(length) { done, part in
    exchange(service, FS_LABEL_WRITE, (file, offset &+ done, part), send: source &+ done, part)
  }
}

/// Moves `length` bytes in parts that fit into a message, until one comes back short.
@inline(__always) private func transfer(_ length: UInt64, _ move: (UInt64, UInt64) -> Int64) -> Int64 {
  var done: UInt64 = 0
  while done < length {
    let part = min(length &- done, UInt64(IPC_MAXIMUM_PAYLOAD))
    let result = move(done, part)
    if result < 0 { return done > 0 ? Int64(done) : result }
    done &+= UInt64(result)
    if UInt64(result) < part { break }
  }
  return Int64(done)
}

@c @implementation
func fs_length(_ service: OpaquePointer, _ client: UInt64, _ file: UInt64) -> Int64 {
  exchange(service, FS_LABEL_LENGTH, file)
}

@c @implementation
func fs_readdir(
  _ service: OpaquePointer, _ client: UInt64, _ file: UInt64, _ index: UInt64, _ destination: user_address,
  _ length: UInt64
) -> Int64 {
  let part = min(length, UInt64(IPC_MAXIMUM_PAYLOAD))
  return exchange(service, FS_LABEL_READDIR, (file, index, part), send: 0, 0, receive: destination, part)
}

@c @implementation
func fs_mkdir(_ service: OpaquePointer, _ client: UInt64, _ path: user_address, _ length: UInt64) -> Int64 {
  exchange(service, FS_LABEL_MKDIR, (0, 0, 0), send: path, length)
}

@c @implementation
func fs_remove(_ service: OpaquePointer, _ client: UInt64, _ path: user_address, _ length: UInt64) -> Int64 {
  exchange(service, FS_LABEL_REMOVE, (0, 0, 0), send: path, length)
}

@c @implementation
func fs_rename(
  _ service: OpaquePointer, _ client: UInt64, _ from: user_address, _ fromLength: UInt64, _ to: user_address,
  _ toLength: UInt64
) -> Int64 {
  guard fromLength <= 256, toLength <= 256 else { return ErrorCode.nameTooLong.result }
  // Both paths travel in one payload, the second right behind the first.
  var both = InlineArray<512, UInt8>(repeating: 0)
  return withUnsafeMutableBytes(of: &both) { bytes in
    let place = bytes.baseAddress.unsafelyUnwrapped
    var copied = env_copy_in(client, place, from, fromLength)
    if copied == 0 { copied = env_copy_in(client, place + Int(fromLength), to, toLength) }
    guard copied == 0 else { return copied }
    return exchange(
      service, FS_LABEL_RENAME, (fromLength, toLength, 0), send: address(place), fromLength &+ toLength)
  }
}

@c @implementation
func fs_stat(
  _ service: OpaquePointer, _ client: UInt64, _ path: user_address, _ length: UInt64, _ destination: user_address
) -> Int64 {
  exchange(
    service, FS_LABEL_STAT, (0, 0, 0), send: path, length, receive: destination,
    UInt64(MemoryLayout<FileStatus>.size))
}

@c @implementation
func fs_sync(_ service: OpaquePointer) -> Int64 { exchange(service, FS_LABEL_SYNC, 0) }

@c @implementation
func fs_reopen(_ service: OpaquePointer, _ client: UInt64, _ file: UInt64, _ other: UInt64) -> Int64 {
  exchange(service, FS_LABEL_REOPEN, client, file, other)
}

@c @implementation
func fs_inherit(_ service: OpaquePointer, _ parent: UInt64, _ child: UInt64) -> Int64 {
  exchange(service, FS_LABEL_INHERIT, parent, child)
}

@c @implementation
func fs_policy(_ service: OpaquePointer, _ policy: UInt64) -> Int64 { exchange(service, FS_LABEL_POLICY, policy) }

@c @implementation
func fs_statistics(
  _ service: OpaquePointer, _ client: UInt64, _ destination: user_address, _ length: UInt64
) -> Int64 {
  let part = min(length, UInt64(IPC_MAXIMUM_PAYLOAD))
  return exchange(service, FS_LABEL_STATISTICS, (part, 0, 0), send: 0, 0, receive: destination, part)
}

@c @implementation
func fs_forget(_ service: OpaquePointer, _ client: UInt64) { _ = exchange(service, FS_LABEL_FORGET, client) }

/// Nothing to hold: the instance is the handle of the service.
@c @implementation
func fs_size() -> UInt64 { 0 }

/// The server has set itself up.
@c @implementation
func fs_init(_ service: OpaquePointer, _ disk: OpaquePointer) -> Int64 { 0 }
