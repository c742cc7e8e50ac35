// From a trap to the Unix call layer: the number in a7, the arguments in a0…a3, the result in a0.

import Interfaces
import KernelShared

@c @implementation
func core_call(_ caller: UnsafeMutablePointer<task>) {
  func argument(_ index: UInt64) -> UInt64 { task_register(caller, 10 &+ index) }
  if optionsChanged { followOptions() }
  if caller.pointee.is_foreign != 0 { return message_foreign_call(caller) }
  // The kernel calls are those of servers.
  if argument(7) >= KernelCall.call.rawValue { return kernel_call(caller) }
  let calls = calls(of: caller)
  let number = task_number(caller)
  // A server is a caller like any other, from its first system call on.
  if word(address(UnsafeRawPointer(calls))).pointee == 0 { _ = task_admit(number, 0) }
  let a = argument(0)
  let b = argument(1)
  let c = argument(2)
  let d = argument(3)
  let result: Int64 =
    switch argument(7) {
    case LibraryCall.null.rawValue: unix_null(calls, number)
    case LibraryCall.getpid.rawValue: unix_getpid(calls, number)
    case LibraryCall.yield.rawValue: unix_yield(calls, number)
    case LibraryCall.exit.rawValue: unix_exit(calls, number, Int64(bitPattern: a))
    case LibraryCall.spawn.rawValue: unix_spawn(calls, number, a, b, c, d)
    case LibraryCall.wait.rawValue: unix_wait(calls, number, a)
    case LibraryCall.kill.rawValue: unix_kill(calls, number, a)
    case LibraryCall.sleep.rawValue: unix_sleep(calls, number, a)
    case LibraryCall.open.rawValue: unix_open(calls, number, a, b, c)
    case LibraryCall.close.rawValue: unix_close(calls, number, a)
    case LibraryCall.read.rawValue: unix_read(calls, number, a, b, c)
    case LibraryCall.write.rawValue: unix_write(calls, number, a, b, c)
    case LibraryCall.seek.rawValue: unix_seek(calls, number, a, b)
    case LibraryCall.mkdir.rawValue: unix_mkdir(calls, number, a, b)
    case LibraryCall.remove.rawValue: unix_remove(calls, number, a, b)
    case LibraryCall.rename.rawValue: unix_rename(calls, number, a, b, c, d)
    case LibraryCall.readdir.rawValue: unix_readdir(calls, number, a, b, c)
    case LibraryCall.stat.rawValue: unix_stat(calls, number, a, b, c)
    case LibraryCall.sync.rawValue: unix_sync(calls, number)
    case LibraryCall.map.rawValue: unix_map(calls, number, a)
    case LibraryCall.unmap.rawValue: unix_unmap(calls, number, a, b)
    case LibraryCall.fork.rawValue: unix_fork(calls, number)
    case LibraryCall.exec.rawValue: unix_exec(calls, number, a, b, c, d)
    case LibraryCall.pipe.rawValue: unix_pipe(calls, number)
    case LibraryCall.duplicate.rawValue: unix_duplicate(calls, number, a, b)
    case LibraryCall.poll.rawValue: unix_poll(calls, number, a, b, c)
    case LibraryCall.time.rawValue: unix_time(calls, number)
    case LibraryCall.mapfile.rawValue: unix_mapfile(calls, number, a, b, c)
    case LibraryCall.listen.rawValue: unix_listen(calls, number, a)
    case LibraryCall.accept.rawValue: unix_accept(calls, number, a)
    case LibraryCall.connect.rawValue: unix_connect(calls, number, a, b)
    case LibraryCall.ping.rawValue: unix_ping(calls, number, a)
    case LibraryCall.address.rawValue: unix_address(calls, number)
    case LibraryCall.findservice.rawValue: unix_findservice(calls, number, a, b)
    case LibraryCall.callservice.rawValue: unix_callservice(calls, number, a, b)
    case LibraryCall.loadmodule.rawValue: unix_loadmodule(calls, number, a, b)
    case LibraryCall.unloadmodule.rawValue: unix_unloadmodule(calls, number, a, b)
    case LibraryCall.cachepolicy.rawValue: unix_cachepolicy(calls, number, a)
    case LibraryCall.statistics.rawValue: unix_statistics(calls, number, a, b)
    default: ErrorCode.notImplemented.result
    }
  task_set_register(caller, 10, UInt64(bitPattern: result))
}
