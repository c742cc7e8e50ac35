// Processes on the real kernels: fork, exec, pipes, faults and the end of memory, the same in every structure.

import GuestABI
import Testing

@testable import Lab

private let structures = ["monolithic", "micro", "hybrid"]

private func boot(_ structure: String) throws -> System {
  let laboratory = Laboratory()
  _ = try laboratory.boot(BootRequest(structure: structure))
  return try laboratory.current()
}

@Test(arguments: structures)
func forkedTasksShareAndCopyTheirMemory(structure: String) throws {
  let report = try boot(structure).run("forktest", arguments: "")
  #expect(report.exitStatus == 0)
  #expect(
    report.output == """
      child: words that differ at first: 0
      child: words that differ after writing to each page: 16
      parent: the child ended with 11
      parent: words that differ: 0
      parent: words that differ after writing as well: 16
      grandchild: generation 2
      child: generation 1
      parent: generation 0
      a file: parent 4 bytes, child 5, parent again 5
      a mapped file: Every kernel is clear once you watch it through glass.
      another program in the child
      exec: ended with 0
      exec of what is not there: no such file or directory
      a child that writes to its text: status -271
      forktest: passed

      """)
}

@Test(arguments: structures)
func bytesGoThroughPipesInOrder(structure: String) throws {
  let report = try boot(structure).run("pipeline", arguments: "")
  #expect(report.exitStatus == 0)
  #expect(report.output == "pipeline: 5000 numbers, 2475 odd, checksum 14072832549073635806\n")
}

@Test(arguments: structures)
func theForkingTaskGetsItsChildsNumberAndStatus(structure: String) throws {
  let system = try boot(structure)
  let fork = try system.call(.fork)
  let child = try #require(fork.returned)
  #expect(child > 0)
  #expect(fork.counters.traps >= 1)
  #expect(try system.call(.wait, [.number(child)]).returned == 0)
  #expect(try system.call(.wait, [.number(child)]).errno == "ECHILD")
  // Nothing is left behind: as many pages as before, fork after fork.
  for _ in 0..<40 {
    let next = try #require(try system.call(.fork).returned)
    #expect(next > child)
    #expect(try system.call(.wait, [.number(next)]).returned == 0)
  }
}

@Test(arguments: structures)
func pipesPollAndDuplicateWorkByDescriptors(structure: String) throws {
  let system = try boot(structure)
  let pipe = try system.call(.pipe)
  #expect(pipe.descriptors == [3, 4])
  #expect(try system.call(.poll, [.number(8), .number(16), .number(0)]).returned == 16 << 32)
  #expect(try system.call(.write, [.number(4), .text("hello")]).returned == 5)
  #expect(try system.call(.poll, [.number(8), .number(0), .number(0)]).returned == 8)
  #expect(try system.call(.duplicate, [.number(3), .number(-1)]).returned == 5)
  #expect(try system.call(.close, [.number(3)]).returned == 0)
  #expect(try system.call(.read, [.number(5), .number(20)]).data == "hello")
  #expect(try system.call(.close, [.number(5)]).returned == 0)
  #expect(try system.call(.write, [.number(4), .text("x")]).errno == "EPIPE")
  #expect(try system.call(.poll, [.number(1 << 40), .number(0), .number(0)]).errno == "EBADF")
  let before = try #require(try system.call(.time).returned)
  // A pipe that nobody writes to: the time runs out.
  #expect(try system.call(.pipe).descriptors == [3, 5])
  #expect(try system.call(.poll, [.number(8), .number(0), .number(20)]).returned == 0)
  let after = try #require(try system.call(.time).returned)
  #expect((20_000..<40_000).contains(after - before))
}

@Test(arguments: structures)
func duplicatesOfAFileShareItsPosition(structure: String) throws {
  let system = try boot(structure)
  #expect(try system.call(.open, [.text("/etc/motd")]).returned == 3)
  #expect(try system.call(.duplicate, [.number(3), .number(9)]).returned == 9)
  #expect(try system.call(.read, [.number(3), .number(6)]).data == "Every ")
  #expect(try system.call(.read, [.number(9), .number(6)]).data == "kernel")
  #expect(try system.call(.close, [.number(3)]).returned == 0)
  #expect(try system.call(.read, [.number(9), .number(3)]).data == " is")
  #expect(try system.call(.duplicate, [.number(3), .number(4)]).errno == "EBADF")
  #expect(try system.call(.duplicate, [.number(9), .number(16)]).errno == "EBADF")
}

@Test(
  arguments: structures,
  [
    ("null-read", "load page fault"), ("wild-write", "store page fault"), ("illegal", "illegal instruction"),
    ("misaligned-jump", "illegal instruction"), ("stack-overflow", "store page fault"),
    ("kernel-address", "load page fault"),
  ])
func aCrashEndsTheProgramAndNothingElse(structure: String, crash: (kind: String, cause: String)) throws {
  let system = try boot(structure)
  let report = try system.run("crasher", arguments: crash.kind)
  #expect(report.endedBy == crash.cause)
  #expect(report.events.map(\.kind) == [.taskFault])
  #expect(report.events.first?.location?.file == "faults.S")
  #expect(try system.run("hello", arguments: "").exitStatus == 0)
}

@Test(arguments: structures)
func theLanguageStopsAStoreBehindATable(structure: String) throws {
  let system = try boot(structure)
  let report = try system.run("crasher", arguments: "out-of-bounds")
  #expect(report.endedBy == "illegal instruction")
  #expect(report.events.first?.location?.file == "Trespasses.swift" || report.events.first?.location?.symbol == "store")
}

@Test(arguments: structures)
func aProgramReadsNoAddressOfAnother(structure: String) throws {
  let system = try boot(structure)
  #expect(try system.run("crasher", arguments: "read 0x80200000").endedBy == "load page fault")
  #expect(try system.run("crasher", arguments: "read here").exitStatus == 1)
}

@Test(arguments: structures)
func aLoopEndsWhenItIsKilled(structure: String) throws {
  let system = try boot(structure)
  let task = try #require(try system.call(.spawn, [.text("crasher"), .text("loop")]).returned)
  #expect(try system.run("hello", arguments: "").exitStatus == 0)
  #expect(try system.call(.kill, [.number(task)]).returned == 0)
  #expect(try system.call(.wait, [.number(task)]).returned == -1)
}

@Test(arguments: structures)
func whoTakesAllMemoryIsRefusedAndTheOthersGoOn(structure: String) throws {
  let system = try boot(structure)
  let hog = try #require(try system.call(.spawn, [.text("hog")]).returned)
  _ = try system.continueRunning(milliseconds: 2000)
  #expect(try system.call(.map, [.number(4 << 20)]).errno == "ENOMEM")
  #expect(try system.run("pipeline", arguments: "").exitStatus == 0, "what is kept back is enough to work")
  #expect(try system.call(.kill, [.number(hog)]).returned == 0)
  #expect(try system.call(.wait, [.number(hog)]).returned == -1)
  #expect(try system.call(.map, [.number(4 << 20)]).errno == nil)
}

@Test(arguments: structures)
func aFileStaysMappedWhenItIsClosed(structure: String) throws {
  let system = try boot(structure)
  #expect(try system.call(.open, [.text("/etc/motd")]).returned == 3)
  let address = try #require(try system.call(.mapfile, [.number(3), .number(0), .number(100)]).returned)
  #expect(try system.call(.close, [.number(3)]).returned == 0)
  #expect(try system.call(.unmap, [.number(address), .number(100)]).returned == 0)
  #expect(try system.call(.mapfile, [.number(3), .number(0), .number(100)]).errno == "EBADF")
  #expect(try system.call(.open, [.text("/etc/motd")]).returned == 3)
  #expect(try system.call(.mapfile, [.number(3), .number(1), .number(100)]).errno == "EINVAL")
}

@Test func theAgentDoesNotBecomeAnotherProgram() throws {
  let system = try boot("monolithic")
  #expect(throws: LabError.self) { try system.call(.exec, [.text("hello")]) }
}
