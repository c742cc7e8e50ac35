// The Unix call layer over fake services: descriptors, positions, and who is asked what.

import GuestABI
import GuestUnix
import Interfaces
import Testing

/// One task's call layer, client 7.
private final class Task {
  let fake = FakeServices()
  private let memory = UnsafeMutableRawPointer.allocate(byteCount: Int(unix_size()), alignment: 16)
  var calls: OpaquePointer { OpaquePointer(memory) }

  init() {
    var services = fake.services
    unix_init(calls, &services)
  }
  deinit { memory.deallocate() }

  /// Opens a file under handle `handle` of the file system.
  func open(handle: Int64, flags: OpenFlags = []) -> Int64 {
    fake.answers["fs_open"] = handle
    return unix_open(calls, 7, 1000, 5, flags.rawValue)
  }

  func lastCall() -> String? { fake.calls.last }
}

@Suite struct UnixCallsTests {
  @Test func theFirstThreeDescriptorsAreTheConsole() {
    let task = Task()
    task.fake.answers = ["con_write": 4, "con_submit_read": 6]
    for descriptor in 0...2 as ClosedRange<UInt64> {
      #expect(unix_write(task.calls, 7, descriptor, 2000, 4) == 4)
      #expect(task.lastCall() == "con_write(7 2000 4)")
      #expect(unix_read(task.calls, 7, descriptor, 3000, 64) == 6)
      #expect(task.lastCall() == "con_submit_read(7 3000 64)")
    }
  }

  @Test func aRefusedConsoleReadIsAnError() {
    let task = Task()
    task.fake.answers["con_submit_read"] = ErrorCode.inputOutput.result
    #expect(unix_read(task.calls, 7, 0, 3000, 64) == ErrorCode.inputOutput.result)
  }

  @Test func openTakesTheLowestFreeDescriptor() {
    let task = Task()
    #expect(task.open(handle: 0) == 3)
    #expect(task.lastCall() == "fs_open(7 1000 5 0)")
    #expect(task.open(handle: 1) == 4)
    #expect(unix_close(task.calls, 7, 3) == 0)
    #expect(task.lastCall() == "fs_close(7 0)")
    #expect(task.open(handle: 2) == 3)
    #expect(unix_close(task.calls, 7, 1) == 0)
    #expect(task.open(handle: 3) == 1)
  }

  @Test func readsAndWritesMoveOnePositionByWhatWasTransferred() {
    let task = Task()
    #expect(task.open(handle: 9) == 3)
    task.fake.answers = ["fs_read": 10, "fs_write": 3]
    #expect(unix_read(task.calls, 7, 3, 2000, 64) == 10)
    #expect(unix_write(task.calls, 7, 3, 2000, 5) == 3)
    #expect(unix_read(task.calls, 7, 3, 2000, 64) == 10)
    #expect(
      Array(task.fake.calls.suffix(3)) == [
        "fs_read(7 9 0 2000 64)", "fs_write(7 9 10 2000 5)", "fs_read(7 9 13 2000 64)",
      ])
  }

  @Test func aFailedReadLeavesThePosition() {
    let task = Task()
    #expect(task.open(handle: 9) == 3)
    task.fake.answers["fs_read"] = ErrorCode.inputOutput.result
    #expect(unix_read(task.calls, 7, 3, 2000, 64) == ErrorCode.inputOutput.result)
    task.fake.answers["fs_read"] = 1
    _ = unix_read(task.calls, 7, 3, 2000, 64)
    #expect(task.lastCall() == "fs_read(7 9 0 2000 64)")
  }

  @Test func appendingWritesGoToTheEnd() {
    let task = Task()
    #expect(task.open(handle: 2, flags: [.write, .append]) == 3)
    task.fake.answers = ["fs_length": 100, "fs_write": 4]
    #expect(unix_write(task.calls, 7, 3, 2000, 4) == 4)
    #expect(task.lastCall() == "fs_write(7 2 100 2000 4)")
    task.fake.answers["fs_read"] = 0
    _ = unix_read(task.calls, 7, 3, 2000, 1)
    #expect(task.lastCall() == "fs_read(7 2 104 2000 1)")
  }

  @Test func seekSetsThePosition() {
    let task = Task()
    #expect(task.open(handle: 2) == 3)
    #expect(unix_seek(task.calls, 7, 3, 4096) == 4096)
    _ = unix_read(task.calls, 7, 3, 2000, 1)
    #expect(task.lastCall() == "fs_read(7 2 4096 2000 1)")
    #expect(unix_seek(task.calls, 7, 3, .max) == ErrorCode.invalid.result)
    #expect(unix_seek(task.calls, 7, 0, 0) == ErrorCode.invalid.result)
  }

  @Test func aServiceFoundByNameHasADescriptorThatOnlyTakesCalls() {
    let task = Task()
    #expect(unix_findservice(task.calls, 7, 2000, 2) == ErrorCode.notFound.result)
    #expect(unix_findservice(task.calls, 7, 1000, 2) == 3)
    #expect(unix_callservice(task.calls, 7, 3, 500) == 7_077_500)
    for result in [
      unix_read(task.calls, 7, 3, 2000, 4), unix_write(task.calls, 7, 3, 2000, 4), unix_seek(task.calls, 7, 3, 0),
      unix_readdir(task.calls, 7, 3, 2000, 64), unix_callservice(task.calls, 7, 0, 500),
    ] {
      #expect(result == ErrorCode.invalid.result)
    }
    #expect(unix_close(task.calls, 7, 3) == 0)
    #expect(unix_callservice(task.calls, 7, 3, 500) == ErrorCode.badDescriptor.result)
    #expect(task.fake.calls.isEmpty)
  }

  @Test func theCacheIsTheFileSystemsAndModulesAreTheKernels() {
    let task = Task()
    task.fake.answers = ["fs_policy": 1, "fs_statistics": 40]
    #expect(unix_cachepolicy(task.calls, 7, 0) == 1)
    #expect(unix_statistics(task.calls, 7, 2000, 64) == 40)
    #expect(task.fake.calls == ["fs_policy(0)", "fs_statistics(7 2000 64)"])
    #expect(unix_loadmodule(task.calls, 7, 1000, 2) == 1002)
    #expect(unix_unloadmodule(task.calls, 7, 1000, 2) == -2)
    #expect(unix_refuse() == ErrorCode.notImplemented.result)
  }

  @Test func directoriesArePositionedByEntry() {
    let task = Task()
    #expect(task.open(handle: 5) == 3)
    task.fake.answers["fs_readdir"] = 3 * Int64(DirectoryEntryLayout.size)
    #expect(unix_readdir(task.calls, 7, 3, 2000, 256) == 192)
    #expect(unix_readdir(task.calls, 7, 3, 2000, 256) == 192)
    #expect(Array(task.fake.calls.suffix(2)) == ["fs_readdir(7 5 0 2000 256)", "fs_readdir(7 5 3 2000 256)"])
    #expect(unix_readdir(task.calls, 7, 0, 2000, 256) == ErrorCode.invalid.result)
  }

  @Test func aFullTableRefusesBeforeTheFileSystemIsAsked() {
    let task = Task()
    for number in 3..<16 as Range<Int64> { #expect(task.open(handle: number) == number) }
    let before = task.fake.calls.count
    #expect(task.open(handle: 99) == ErrorCode.tooManyOpenFiles.result)
    #expect(task.fake.calls.count == before)
  }

  @Test func aFailedOpenTakesNoDescriptor() {
    let task = Task()
    #expect(task.open(handle: ErrorCode.notFound.result) == ErrorCode.notFound.result)
    #expect(task.open(handle: 0) == 3)
  }

  @Test(arguments: [3, 15, 16, 1 << 40, UInt64.max]) func descriptorsThatAreNotOpenAreRefused(descriptor: UInt64) {
    let task = Task()
    let bad = ErrorCode.badDescriptor.result
    #expect(unix_read(task.calls, 7, descriptor, 0, 1) == bad)
    #expect(unix_write(task.calls, 7, descriptor, 0, 1) == bad)
    #expect(unix_close(task.calls, 7, descriptor) == bad)
    #expect(unix_seek(task.calls, 7, descriptor, 0) == bad)
    #expect(unix_readdir(task.calls, 7, descriptor, 0, 1) == bad)
    #expect(task.fake.calls.isEmpty)
  }

  @Test func aResultThatIsNoErrorNumberBecomesAnInputOutputError() {
    let task = Task()
    #expect(task.open(handle: -4000) == ErrorCode.inputOutput.result)
    #expect(task.open(handle: .min) == ErrorCode.inputOutput.result)
  }

  @Test func waitPassesEveryStatusOn() {
    let task = Task()
    for status in [0, 3, -1, -269] as [Int64] {
      task.fake.answers["pm_submit_wait"] = status
      #expect(unix_wait(task.calls, 7, 12) == status)
      #expect(task.lastCall() == "pm_submit_wait(7 12)")
    }
  }

  @Test func theOtherCallsGoStraightToTheirService() {
    let task = Task()
    _ = unix_null(task.calls, 7)
    _ = unix_getpid(task.calls, 7)
    _ = unix_exit(task.calls, 7, 5)
    _ = unix_spawn(task.calls, 7, 1, 2, 3, 4)
    _ = unix_kill(task.calls, 7, 9)
    _ = unix_mkdir(task.calls, 7, 1, 2)
    _ = unix_remove(task.calls, 7, 1, 2)
    _ = unix_rename(task.calls, 7, 1, 2, 3, 4)
    _ = unix_stat(task.calls, 7, 1, 2, 3)
    _ = unix_sync(task.calls, 7)
    _ = unix_map(task.calls, 7, 4096)
    _ = unix_unmap(task.calls, 7, 8192, 4096)
    _ = unix_fork(task.calls, 7)
    _ = unix_exec(task.calls, 7, 1, 2, 3, 4)
    #expect(
      task.fake.calls == [
        "pm_null(7)", "pm_getpid(7)", "pm_exit(7 5)", "pm_spawn(7 1 2 3 4)", "pm_kill(7 9)", "fs_mkdir(7 1 2)",
        "fs_remove(7 1 2)", "fs_rename(7 1 2 3 4)", "fs_stat(7 1 2 3)", "fs_sync()", "vm_map(7 4096)",
        "vm_unmap(7 8192 4096)", "pm_fork(7)", "pm_exec(7 1 2 3 4)",
      ])
  }

  @Test func aPipeHasTwoDescriptorsInOneNumber() {
    let task = Task()
    task.fake.answers = ["pipe_create": 6, "pipe_submit_read": 9, "pipe_submit_write": 2]
    #expect(unix_pipe(task.calls, 7) == 3 | 4 << 8)
    #expect(unix_read(task.calls, 7, 3, 2000, 64) == 9)
    #expect(task.lastCall() == "pipe_submit_read(7 6 64)")
    // A write that is taken in parts goes on until all of it is through.
    #expect(unix_write(task.calls, 7, 4, 2000, 4) == 4)
    #expect(Array(task.fake.calls.suffix(2)) == ["pipe_submit_write(7 7 2000 4)", "pipe_submit_write(7 7 2002 2)"])
    #expect(unix_close(task.calls, 7, 4) == 0)
    #expect(task.lastCall() == "pipe_close(7 7)")
    #expect(unix_seek(task.calls, 7, 3, 0) == ErrorCode.invalid.result)
  }

  @Test func aPipeForWhichThereIsNoSecondDescriptorIsGivenUp() {
    let task = Task()
    for number in 3..<15 as Range<Int64> { #expect(task.open(handle: number) == number) }
    task.fake.answers["pipe_create"] = 2
    #expect(unix_pipe(task.calls, 7) == ErrorCode.tooManyOpenFiles.result)
    #expect(Array(task.fake.calls.suffix(2)) == ["pipe_close(7 2)", "pipe_close(7 3)"])
    #expect(task.open(handle: 1) == 15)
  }

  @Test func duplicatesShareAPositionAndTheLastOneCloses() {
    let task = Task()
    #expect(task.open(handle: 9) == 3)
    #expect(unix_duplicate(task.calls, 7, 3, .max) == 4)
    task.fake.answers["fs_read"] = 10
    _ = unix_read(task.calls, 7, 3, 2000, 64)
    _ = unix_read(task.calls, 7, 4, 2000, 64)
    #expect(task.lastCall() == "fs_read(7 9 10 2000 64)")
    let before = task.fake.calls.count
    #expect(unix_close(task.calls, 7, 3) == 0)
    #expect(task.fake.calls.count == before, "the file is still open under its other number")
    #expect(unix_close(task.calls, 7, 4) == 0)
    #expect(task.lastCall() == "fs_close(7 9)")
  }

  @Test func aDuplicateTakesTheTargetsPlace() {
    let task = Task()
    #expect(task.open(handle: 5) == 3)
    #expect(task.open(handle: 6) == 4)
    #expect(unix_duplicate(task.calls, 7, 3, 4) == 4)
    #expect(task.lastCall() == "fs_close(7 6)")
    #expect(unix_duplicate(task.calls, 7, 3, 3) == 3)
    #expect(unix_duplicate(task.calls, 7, 3, 1) == 1)
    task.fake.answers["fs_write"] = 2
    #expect(unix_write(task.calls, 7, 1, 2000, 2) == 2)
    #expect(task.lastCall() == "fs_write(7 5 0 2000 2)")
    #expect(unix_duplicate(task.calls, 7, 9, 1) == ErrorCode.badDescriptor.result)
    #expect(unix_duplicate(task.calls, 7, 3, 16) == ErrorCode.badDescriptor.result)
  }

  @Test func inheritedDescriptorsHavePositionsOfTheirOwn() {
    let parent = Task()
    let child = Task()
    #expect(parent.open(handle: 5) == 3)
    unix_inherit(child.calls, parent.calls)
    // The services are the parent's as well: it is one system.
    parent.fake.answers["fs_read"] = 8
    _ = unix_read(child.calls, 8, 3, 2000, 64)
    _ = unix_read(parent.calls, 7, 3, 2000, 64)
    #expect(Array(parent.fake.calls.suffix(2)) == ["fs_read(8 5 0 2000 64)", "fs_read(7 5 0 2000 64)"])
  }

  @Test func pollAsksOnlyWhoCanBeUnready() {
    let task = Task()
    task.fake.answers["pipe_create"] = 0
    _ = unix_pipe(task.calls, 7)
    #expect(task.open(handle: 1) == 5)
    // The console has no line, the pipe no bytes; a file is always ready, the console takes all that is written.
    #expect(unix_poll(task.calls, 7, 0b101001, 0b1, 0) == 1 << 5 | 1 << 32)
    task.fake.answers = ["con_poll": 1, "pipe_poll": 1]
    #expect(unix_poll(task.calls, 7, 0b11001, 0b11000, 0) == 0b1001 | 0b10000 << 32)
    #expect(unix_poll(task.calls, 7, 1 << 6, 0, 0) == ErrorCode.badDescriptor.result)
    #expect(unix_poll(task.calls, 7, 1 << 16, 0, 0) == ErrorCode.badDescriptor.result)
    task.fake.answers = [:]
    let before = task.fake.calls.count
    #expect(unix_poll(task.calls, 7, 1, 0, 3) == 0)
    #expect(task.fake.calls.count == before + 4, "once now, and once after each millisecond")
  }

  @Test func onlyATaskThatMapsFilesHasItsMemoryPrepared() {
    let task = Task()
    #expect(task.open(handle: 5) == 3)
    _ = unix_read(task.calls, 7, 3, 2000, 64)
    #expect(!task.fake.calls.contains { $0.hasPrefix("vm_prepare") })
    #expect(unix_mapfile(task.calls, 7, 0, 0, 100) == ErrorCode.invalid.result)
    _ = unix_mapfile(task.calls, 7, 3, 4096, 100)
    #expect(task.lastCall() == "vm_map_file(7 5 4096 100)")
    _ = unix_read(task.calls, 7, 3, 2000, 64)
    #expect(Array(task.fake.calls.suffix(2)) == ["vm_prepare(7 2000 64)", "fs_read(7 5 0 2000 64)"])
    task.fake.answers["vm_prepare"] = ErrorCode.inputOutput.result
    #expect(unix_stat(task.calls, 7, 2000, 5, 3000) == ErrorCode.inputOutput.result)
    // Another program has no mappings.
    task.fake.answers = [:]
    _ = unix_exec(task.calls, 7, 2000, 5, 0, 0)
    _ = unix_read(task.calls, 7, 3, 2000, 64)
    #expect(Array(task.fake.calls.suffix(2)) == ["pm_exec(7 2000 5 0 0)", "fs_read(7 5 0 2000 64)"])
  }

  @Test func sleepCountsInTicksOfTheClock() {
    let task = Task()
    #expect(unix_sleep(task.calls, 7, 123_456) == 0)
    #expect(sleptTicks.withLock { $0.contains(1_234_560_000) })
    #expect(unix_sleep(task.calls, 7, .max) == ErrorCode.invalid.result)
    #expect(unix_sleep(task.calls, 7, UInt64(Int64.max) / 10_000 + 1) == ErrorCode.invalid.result)
  }
}
