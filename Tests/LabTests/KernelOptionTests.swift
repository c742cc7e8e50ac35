// What can be switched in a running kernel: that it hides from user mode, and that messages go through a buffer.

import GuestABI
import Testing

@testable import Lab

private func boot(_ structure: String) throws -> (laboratory: Laboratory, system: System) {
  let laboratory = Laboratory()
  _ = try laboratory.boot(BootRequest(structure: structure))
  return (laboratory, try laboratory.current())
}

/// A call that does nothing, when all that it needs is in the TLB.
private func warmNull(_ system: System) throws -> CallReport {
  for _ in 0..<3 { #expect(try system.call(.null).returned == 0) }
  return try system.call(.null)
}

@Test(arguments: ["monolithic", "hybrid"])
func aHiddenKernelCostsTwoSwapsOfPageTablesATrapAndIsGoneFromUserMode(structure: String) throws {
  let (laboratory, system) = try boot(structure)
  let plain = try warmNull(system)
  #expect(plain.counters.traps == 1 && plain.counters.addressSpaceSwitches == 0)
  #expect(laboratory.kernelOption(.isolatePageTable) == false)

  try laboratory.setKernelOption(.isolatePageTable, to: true)
  #expect(laboratory.kernelOption(.isolatePageTable))
  let hidden = try warmNull(system)
  #expect(hidden.returned == plain.returned)
  #expect(hidden.counters.traps == 1 && hidden.counters.addressSpaceSwitches == 2)
  #expect(hidden.counters.instructions > plain.counters.instructions)
  #expect(hidden.path.compactMap(\.task).allSatisfy { ["agent", "kernel"].contains($0) })
  let privileged = try system.regions(of: "agent").regions.filter { $0.privilege == "S" }
  #expect(privileged.map { $0.end - $0.start } == [4096, 4096], "a page of code and one of data")
  #expect(system.tlb().entries.filter(\.global).isEmpty)
  let kernel = try #require(try system.rights().rows.first)
  #expect(kernel.privilege == "S" && kernel.writableBytes > 1 << 20, "the kernel itself still has all")
  #expect(system.report().options == ["isolate-page-table"])

  for (program, line) in [("forktest", ""), ("pipeline", ""), ("cat", "/etc/motd"), ("echo", "still here")] {
    let expected = try boot(structure).system.run(program, arguments: line)
    let report = try system.run(program, arguments: line)
    #expect(report.output == expected.output && report.exitStatus == expected.exitStatus, "\(program)")
  }
  #expect(try system.run("module", arguments: "load kv").exitStatus == 0)
  #expect(try system.run("kvclient", arguments: "count").output == "0 keys\n")

  try laboratory.setKernelOption(.isolatePageTable, to: false)
  let again = try warmNull(system)
  #expect(again.counters.addressSpaceSwitches == 0)
  #expect(again.counters.instructions == plain.counters.instructions)
  #expect(try system.regions(of: "agent").regions.filter { $0.privilege == "S" }.count > 2)
  #expect(!system.tlb().entries.filter(\.global).isEmpty)
}

@Test func aFaultInAHiddenKernelsDriverIsFoundAndNamedAsEver() throws {
  let (laboratory, system) = try boot("monolithic")
  try laboratory.setKernelOption(.isolatePageTable, to: true)
  _ = try warmNull(system)
  _ = try system.inject("null-read", into: "blk")
  #expect(try system.call(.open, [.text("/etc/motd")]).state == .panicked)
  let panic = try #require(system.report().panic)
  #expect(panic.location.component == "blk" && panic.task == "agent")
  #expect(panic.backtrace.contains { $0.name.hasPrefix("fs_open") })
}

@Test func comparisonsBootKernelsWithTheOptionsThatAreOn() throws {
  let laboratory = Laboratory()
  let before = try laboratory.compare("null", kernels: ["monolithic", "micro"])
  try laboratory.setKernelOption(.isolatePageTable, to: true)
  let after = try laboratory.compare("null", kernels: ["monolithic", "micro"])
  #expect(before.rows[0].counters?.addressSpaceSwitches == 0)
  #expect(after.rows[0].counters?.addressSpaceSwitches == 2)
  #expect(after.rows[1] == before.rows[1] || after.rows[1].counters == before.rows[1].counters)
}

@Test func aKernelRefusesAnOptionThatItDoesNotKnow() throws {
  for (structure, option) in [
    ("micro", KernelOption.isolatePageTable), ("exo", .isolatePageTable), ("uni", .isolatePageTable),
    ("monolithic", .bufferedMessages), ("exo", .bufferedMessages),
  ] {
    let (laboratory, system) = try boot(structure)
    #expect(throws: LabError.self) { try laboratory.setKernelOption(option, to: true) }
    #expect(!laboratory.kernelOption(option) && system.report().options.isEmpty)
  }
}

@Test func bufferedMessagesMissTheFastpathAndSayWhy() throws {
  let (laboratory, system) = try boot("micro")
  let fast = try warmNull(system)
  #expect(fast.fastpathMisses == nil)
  let before = try #require(system.statistics().messages)
  #expect(before.ways.keys.sorted() == ["fast"])

  try laboratory.setKernelOption(.bufferedMessages, to: true)
  let slow = try warmNull(system)
  #expect(slow.fastpathMisses == ["buffered": 2], "the call and the reply")
  #expect(slow.returned == fast.returned && slow.counters.messages == fast.counters.messages)
  #expect(slow.counters.instructions > fast.counters.instructions)
  let statistics = try #require(system.statistics().messages)
  #expect(statistics.ways["slow"] == 8 && statistics.fastpathMisses["buffered"] == 8)
  let open = try system.call(.open, [.text("/etc/motd")])
  #expect(open.returned == 3)
  #expect(try system.call(.read, [.number(3), .number(64)]).data?.hasPrefix("Every kernel") == true)
}
