// From a number and six words to a call of the library.
//
// Words that stand for addresses are passed on as they are: a bad one is for the system to refuse, not for the agent.

import Interfaces

/// The word as the address that it stands for, be it good, bad or 0.
private func pointer(_ word: UInt64) -> UnsafeMutableRawPointer {
  UnsafeMutableRawPointer(bitPattern: UInt(word)).unsafelyUnwrapped
}

/// Forks; the copy ends at once, since the host has only one mailbox to watch.
private func fork() -> Int64 {
  let result = sys_fork()
  if result == 0 { _ = sys_exit(0) }
  return result
}

/// Six words name less than a message does: the words that go with it stay 0.
private func callService(_ words: UnsafePointer<UInt64>) -> Int64 {
  var message = service_message()
  message.label = words[1]
  message.send = words[2]
  message.send_length = words[3]
  message.receive = words[4]
  message.receive_length = words[5]
  return sys_callservice(words[0], &message)
}

/// Calls library function `number` with as many words as it takes.
func perform(_ number: UInt64, _ words: UnsafePointer<UInt64>) -> Int64 {
  switch LibraryCall(rawValue: number) {
  case .null: sys_null()
  case .getpid: sys_getpid()
  case .yield: sys_yield()
  case .exit: sys_exit(Int64(bitPattern: words[0]))
  case .spawn: sys_spawn(pointer(words[0]), words[1], pointer(words[2]), words[3])
  case .wait: sys_wait(words[0])
  case .kill: sys_kill(words[0])
  case .sleep: sys_sleep(words[0])
  case .open: sys_open(pointer(words[0]), words[1], words[2])
  case .close: sys_close(words[0])
  case .read: sys_read(words[0], pointer(words[1]), words[2])
  case .write: sys_write(words[0], pointer(words[1]), words[2])
  case .seek: sys_seek(words[0], words[1])
  case .mkdir: sys_mkdir(pointer(words[0]), words[1])
  case .remove: sys_remove(pointer(words[0]), words[1])
  case .rename: sys_rename(pointer(words[0]), words[1], pointer(words[2]), words[3])
  case .readdir: sys_readdir(words[0], pointer(words[1]), words[2])
  case .stat: sys_stat(pointer(words[0]), words[1], pointer(words[2]))
  case .sync: sys_sync()
  case .map: sys_map(words[0])
  case .unmap: sys_unmap(words[0], words[1])
  case .fork: fork()
  case .exec: sys_exec(pointer(words[0]), words[1], pointer(words[2]), words[3])
  case .pipe: sys_pipe()
  case .duplicate: sys_duplicate(words[0], words[1])
  case .poll: sys_poll(words[0], words[1], words[2])
  case .time: sys_time()
  case .mapfile: sys_mapfile(words[0], words[1], words[2])
  case .listen: sys_listen(words[0])
  case .accept: sys_accept(words[0])
  case .connect: sys_connect(words[0], words[1])
  case .ping: sys_ping(words[0])
  case .address: sys_address()
  case .findservice: sys_findservice(pointer(words[0]), words[1])
  case .callservice: callService(words)
  case .loadmodule: sys_loadmodule(pointer(words[0]), words[1])
  case .unloadmodule: sys_unloadmodule(pointer(words[0]), words[1])
  case .cachepolicy: sys_cachepolicy(words[0])
  case .statistics: sys_statistics(pointer(words[0]), words[1])
  case nil: ErrorCode.notImplemented.result
  }
}
