// The file system as a server: a message in, one entry point called, its result out. The same calls reach it in the
// kernel (Interfaces/gate.h).
//
// The client's number comes from the kernel, so a client cannot claim to be another.

import Interfaces
import Transport

@c @implementation
func fs_server_main(_ arguments: UnsafePointer<UInt8>, _ length: UInt64) -> Int64 {
  let pages = fs_size().pageCeiling / Layout.pageSize
  guard let place = env_pages(pages) else { return ErrorCode.noMemory.result }
  // A disk that cannot be mounted is every later request's error.
  _ = fs_init(OpaquePointer(place), handle(.blk))
  while true {
    server_receive()
    var call = server_call()
    server_reply(fs_gate(place, &call))
  }
}

@c @implementation
func fs_gate(_ files: UnsafeMutableRawPointer, _ call: UnsafePointer<gate_call>) -> Int64 {
  let service = OpaquePointer(files)
  let call = call.pointee
  let words = call.words
  switch Int(truncatingIfNeeded: call.label) {
  case FS_LABEL_OPEN: return fs_open(service, call.client, call.send, call.send_length, words.0)
  case FS_LABEL_CLOSE: return fs_close(service, call.client, words.0)
  case FS_LABEL_READ:
    return fs_read(service, call.client, words.0, words.1, call.receive, min(words.2, call.receive_length))
  case FS_LABEL_WRITE:
    return fs_write(service, call.client, words.0, words.1, call.send, min(words.2, call.send_length))
  case FS_LABEL_LENGTH: return fs_length(service, call.client, words.0)
  case FS_LABEL_READDIR:
    return fs_readdir(service, call.client, words.0, words.1, call.receive, min(words.2, call.receive_length))
  case FS_LABEL_MKDIR: return fs_mkdir(service, call.client, call.send, call.send_length)
  case FS_LABEL_REMOVE: return fs_remove(service, call.client, call.send, call.send_length)
  case FS_LABEL_RENAME:
    guard words.0 <= call.send_length, words.1 <= call.send_length &- words.0 else { return ErrorCode.invalid.result }
    return fs_rename(service, call.client, call.send, words.0, call.send &+ words.0, words.1)
  case FS_LABEL_STAT: return fs_stat(service, call.client, call.send, call.send_length, call.receive)
  case FS_LABEL_SYNC: return fs_sync(service)
  case FS_LABEL_REOPEN:
    guard call.is_manager != 0 else { return ErrorCode.notPermitted.result }
    return fs_reopen(service, words.0, words.1, words.2 == 0 ? call.client : words.2)
  case FS_LABEL_INHERIT:
    guard call.is_manager != 0 else { return ErrorCode.notPermitted.result }
    return fs_inherit(service, words.0, words.1)
  case FS_LABEL_POLICY: return fs_policy(service, words.0)
  case FS_LABEL_STATISTICS:
    return fs_statistics(service, call.client, call.receive, min(words.0, call.receive_length))
  case FS_LABEL_FORGET:
    guard call.is_manager != 0 else { return ErrorCode.notPermitted.result }
    fs_forget(service, words.0)
    return 0
  default: return ErrorCode.notImplemented.result
  }
}
