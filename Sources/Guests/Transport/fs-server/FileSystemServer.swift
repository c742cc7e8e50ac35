// The file system as a server: a message in, one entry point called, its result out.
//
// The sender's number comes from the kernel, so a client cannot claim to be another.

import Interfaces
import Transport

@c @implementation
func program_main(_ arguments: UnsafePointer<UInt8>, _ length: UInt64) -> Int64 {
  let pages = fs_size().pageCeiling / Layout.pageSize
  guard let place = env_pages(pages) else { return ErrorCode.noMemory.result }
  let service = OpaquePointer(place)
  // A disk that cannot be mounted is every later request's error.
  _ = fs_init(service, handle(.blk))
  while true {
    server_receive()
    server_reply(dispatch(service))
  }
}

private func dispatch(_ service: OpaquePointer) -> Int64 {
  let client = ipc_client(server.message.sender)
  let words = server.message.words
  let received = server.message.received
  switch Int(server.message.label) {
  case FS_LABEL_OPEN: return fs_open(service, client, 0, received, words.0)
  case FS_LABEL_CLOSE: return fs_close(service, client, words.0)
  case FS_LABEL_READ:
    return fs_read(service, client, words.0, words.1, 0, min(words.2, UInt64(IPC_MAXIMUM_PAYLOAD)))
  case FS_LABEL_WRITE: return fs_write(service, client, words.0, words.1, 0, min(words.2, received))
  case FS_LABEL_LENGTH: return fs_length(service, client, words.0)
  case FS_LABEL_READDIR:
    return fs_readdir(service, client, words.0, words.1, 0, min(words.2, UInt64(IPC_MAXIMUM_PAYLOAD)))
  case FS_LABEL_MKDIR: return fs_mkdir(service, client, 0, received)
  case FS_LABEL_REMOVE: return fs_remove(service, client, 0, received)
  case FS_LABEL_RENAME:
    guard words.0 <= received, words.1 <= received &- words.0 else { return ErrorCode.invalid.result }
    return fs_rename(service, client, 0, words.0, words.0, words.1)
  case FS_LABEL_STAT: return fs_stat(service, client, 0, received, 0)
  case FS_LABEL_SYNC: return fs_sync(service)
  case FS_LABEL_SHARE:
    guard server_caller_is_manager() else { return ErrorCode.notPermitted.result }
    return fs_share(service, words.0, words.1, words.2 == 0 ? client : words.2)
  case FS_LABEL_INHERIT:
    guard server_caller_is_manager() else { return ErrorCode.notPermitted.result }
    return fs_inherit(service, words.0, words.1)
  case FS_LABEL_FORGET:
    guard server_caller_is_manager() else { return ErrorCode.notPermitted.result }
    fs_forget(service, words.0)
    return 0
  default: return ErrorCode.notImplemented.result
  }
}
