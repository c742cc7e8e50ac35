// The laboratory on the real kernels: what a student is promised.

import GuestABI
import Testing

@testable import Lab

private let text = "Every kernel is clear once you watch it through glass.\n"

private func boot(_ structure: String) throws -> (laboratory: Laboratory, system: System) {
  let laboratory = Laboratory()
  _ = try laboratory.boot(BootRequest(structure: structure))
  return (laboratory, try laboratory.current())
}

private func read(_ system: System) throws -> CallReport {
  #expect(try system.call(.open, [.text("/etc/motd")]).returned == 3)
  return try system.call(.read, [.number(3), .number(64)])
}

@Test func bootReportsSizesOfTheImage() throws {
  let laboratory = Laboratory()
  let monolithic = try laboratory.boot(BootRequest(structure: "mono"))
  let micro = try laboratory.boot(BootRequest(structure: "micro"))
  #expect(monolithic.system == "mono" && monolithic.kernel == "monolithic")
  #expect(micro.tasks == micro.addressSpaces && micro.tasks > monolithic.tasks)
  #expect(monolithic.privilegedBytes > micro.privilegedBytes, "fewer services run privileged")
  for report in [monolithic, micro] {
    #expect(report.privilegedBytes > 0 && report.privilegedBytes < report.imageBytes)
  }
}

@Test func monolithicReadIsOneTrapWithoutAddressSpaceSwitch() throws {
  let report = try read(boot("monolithic").system)
  #expect(report.data == text)
  #expect(report.path.filter { $0.kind == .trap }.map(\.name) == ["environment call from U-mode"])
  #expect(report.counters.traps == 1)
  #expect(report.counters.addressSpaceSwitches == 0)
  #expect(report.counters.messages == 0)
  let called = report.path.filter { $0.kind == .call }
  let fs = try #require(called.firstIndex { $0.component == "fs" })
  let blk = try #require(called.firstIndex { $0.component == "blk" })
  #expect(fs < blk)
  #expect(report.counters.interrupts >= 1, "the data was on the disk")
}

@Test func microReadSendsMessagesAndSwitchesAddressSpaces() throws {
  let (_, system) = try boot("micro")
  let report = try read(system)
  #expect(report.data == text)
  #expect(report.counters.messages >= 4)
  #expect(report.counters.addressSpaceSwitches >= 4)
  #expect(report.path.contains { $0.kind == .message && $0.name == "agent → fs" })
  #expect(report.path.contains { $0.kind == .message && $0.name == "kernel → blk" && $0.detail == "interrupt" })
  #expect(UInt64(report.path.filter { $0.kind == .message }.count) == report.counters.messages)
  #expect(UInt64(report.path.filter { $0.kind == .trap }.count) == report.counters.traps)
  #expect(zip(report.path, report.path.dropFirst()).allSatisfy { $0.icount <= $1.icount })
  #expect(report.path.filter { $0.component == "blk" && $0.kind == .call }.allSatisfy { $0.privilege == "U" })
}

@Test(arguments: ["monolithic", "micro"])
func equalExperimentsGiveEqualResults(structure: String) throws {
  let first = try boot(structure).system
  let second = try boot(structure).system
  #expect(try read(first) == read(second))
  #expect(try first.run("ls", arguments: "/") == second.run("ls", arguments: "/"))
  #expect(first.machine.stateHash() == second.machine.stateHash())
}

@Test(arguments: ["monolithic", "micro"])
func programsRunAndTheirOutputIsHeard(structure: String) throws {
  let (_, system) = try boot(structure)
  let report = try system.run("cat", arguments: "/etc/motd")
  #expect(report.exitStatus == 0)
  #expect(report.output == text)
  #expect(report.counters.cycles > report.counters.instructions)
  let missing = try system.run("cat", arguments: "/nothing")
  #expect(missing.exitStatus != 0)
  #expect(throws: LabError.self) { try system.run("cta", arguments: "") }
}

@Test(arguments: ["monolithic", "micro"])
func theShellTalksOnTheConsole(structure: String) throws {
  let (_, system) = try boot(structure)
  try system.openConsole()
  var output = ""
  func talk(_ input: String) throws -> ConsoleSlice {
    var slice = try system.console(input: Array(input.utf8), budget: 5_000_000)
    output += String(decoding: slice.output, as: UTF8.self)
    for _ in 0..<20 where !slice.waitsForInput && slice.ended == nil {
      slice = try system.console(input: [], budget: 5_000_000)
      output += String(decoding: slice.output, as: UTF8.self)
    }
    return slice
  }
  #expect(try talk("").waitsForInput)
  #expect(try talk("cat /etc/motd\n").waitsForInput)
  #expect(output.contains("through glass"))
  // Leaving the console leaves the shell; the agent still answers, and the shell is there again afterwards.
  #expect(try system.call(.getpid).returned.map { $0 > 0 } == true)
  try system.openConsole()
  let last = try talk("exit\n")
  #expect(last.ended != nil, "\(output)")
  #expect(system.state == .running)
  #expect(!system.tasks().tasks.contains { $0.name == "sh" })
}

@Test func nullReadPanicsTheMonolithicKernel() throws {
  let (_, system) = try boot("monolithic")
  _ = try system.inject("null-read", into: "blk")
  let report = try system.run("cat", arguments: "/etc/motd")
  #expect(report.state == .panicked)
  let panic = try #require(system.report().panic)
  #expect(panic.cause == "load page fault" && panic.address == 0 && panic.privilege == "S")
  #expect(panic.location.component == "blk")
  #expect(panic.location.file == "BlockDriver.swift" && panic.location.line != nil)
  let functions = panic.backtrace.map { $0.symbol ?? "" }
  #expect(functions.first == "blk_submit")
  #expect(functions.contains("fs_open") && functions.last == "trap_entry")
}

@Test func nullReadInTheMicrokernelRestartsTheDriverAndNobodyNotices() throws {
  let (_, system) = try boot("micro")
  _ = try system.inject("null-read", into: "blk")
  let report = try system.run("cat", arguments: "/etc/motd")
  #expect(report.exitStatus == 0 && report.output == text)
  #expect(system.tasks().tasks.first { $0.name == "blk" }?.restarts == 1)
  #expect(report.events.map(\.kind) == [.faultFired, .taskFault, .restart])
  let fault = try #require(system.faults().faults.first)
  #expect(fault.fired && !fault.armed && fault.detector == "the MMU (load page fault)")
  // Fresh text: the next request meets no fault.
  #expect(try read(system).data == text)
  #expect(system.tasks().tasks.first { $0.name == "blk" }?.restarts == 1)
}

@Test(arguments: ["null-read", "loop", "wild-write"])
func codeFaultsAreTheSameInBothStructures(kind: String) throws {
  let mono = try boot("monolithic").system
  let micro = try boot("micro").system
  let inMono = try mono.inject(kind, into: "blk")
  let inMicro = try micro.inject(kind, into: "blk")
  #expect(inMono.location?.offset == inMicro.location?.offset)
  #expect(inMono.location?.line == inMicro.location?.line)
  let first = try #require(mono.condition.faults[0].patch)
  let second = try #require(micro.condition.faults[0].patch)
  #expect(first.original == second.original)
  #expect(first.replacement.count == second.replacement.count)
  if kind != "wild-write" { #expect(first.replacement == second.replacement) }
}

@Test func wildWriteHitsLiveDataInOneAndAKernelPageInTheOther() throws {
  let mono = try boot("monolithic").system
  let target = try #require(try mono.inject("wild-write", into: "blk").target?.address)
  #expect(mono.machine.memory.load(UInt64.self, at: target) != 0)
  _ = try mono.run("cat", arguments: "/etc/motd")
  #expect(mono.machine.memory.load(UInt64.self, at: target) == 0)
  let micro = try boot("micro").system
  let address = try #require(try micro.inject("wild-write", into: "blk").target?.address)
  let report = try micro.run("cat", arguments: "/etc/motd")
  #expect(report.exitStatus == 0)
  #expect(micro.machine.memory.load(UInt64.self, at: address) != 0)
  #expect(micro.faults().faults.first?.detector == "the MMU (store page fault)")
}

@Test func loopHangsOneSystemAndIsReplacedInTheOther() throws {
  let (laboratory, mono) = try boot("monolithic")
  laboratory.limit = 5_000_000
  _ = try mono.inject("loop", into: "blk")
  #expect(try mono.run("cat", arguments: "/etc/motd").state == .hung)
  let micro = try boot("micro").system
  _ = try micro.inject("loop", into: "blk")
  #expect(try micro.run("cat", arguments: "/etc/motd").output == text)
  #expect(micro.faults().faults.first?.detector == "the reincarnation server (no answer)")
}

@Test func aDeadDiskIsAnErrorAfterThreeRestarts() throws {
  let micro = try boot("micro").system
  let fault = try micro.inject("dead", into: "blk")
  let report = try micro.call(.open, [.text("/etc/motd")])
  #expect(report.errno == "EIO")
  #expect(report.events.filter { $0.kind == .restart }.count == 3)
  _ = try micro.removeFault(fault.id)
  #expect(try micro.run("cat", arguments: "/etc/motd").output == text)
  let mono = try boot("monolithic").system
  _ = try mono.inject("dead", into: "blk")
  #expect(try mono.call(.open, [.text("/etc/motd")]).state == .hung)
}

@Test func anInputOutputErrorReachesTheCallerOnce() throws {
  for structure in ["monolithic", "micro"] {
    let system = try boot(structure).system
    _ = try system.inject("io-error", into: "blk")
    #expect(try system.call(.open, [.text("/etc/motd")]).errno == "EIO")
    #expect(try system.call(.open, [.text("/etc/motd")]).returned == 3)
  }
}

@Test func driversTextBelongsToTheUserInOneStructureAndToTheKernelInTheOther() throws {
  let micro = try boot("micro").system
  let own = try micro.regions(of: "blk").regions
  #expect(own.contains { $0.owner == "blk text" && $0.privilege == "U" && $0.permissions == "r-x" })
  #expect(own.contains { $0.owner == "virtio7 registers" && $0.privilege == "U" })
  #expect(!(try micro.regions(of: "agent").regions).contains { $0.owner == "blk text" })
  let mono = try boot("monolithic").system
  let agent = try mono.regions(of: "agent").regions
  #expect(agent.contains { $0.owner == "blk text" && $0.privilege == "S" && $0.permissions == "r-x" })
  #expect(agent.contains { $0.owner == "stack" && $0.permissions == "rw-" && $0.privilege == "U" })
}
