// Comparisons and profiles on the real kernels: every figure must add up, and words must say what the figures say.

import GuestABI
import Testing

@testable import Lab

private let text = "Every kernel is clear once you watch it through glass.\n"

private func boot(_ structure: String) throws -> System {
  let laboratory = Laboratory()
  _ = try laboratory.boot(BootRequest(structure: structure))
  return try laboratory.current()
}

/// What every structure with processes and files can do since the first two existed.
private let basic = ["null", "read", "write", "open", "spawn", "pingpong"]

@Test(arguments: Laboratory.workloads.map(\.name))
func everyWorkloadRunsOrSaysWhyNot(workload: String) throws {
  let report = try Laboratory().compare(workload)
  #expect(report.rows.map(\.kernel) == Laboratory.structures)
  for row in report.rows {
    #expect(row.ok == (row.refused == nil), "\(workload) on \(row.kernel): \(row.refused ?? "")")
    #expect(row.sameData != false, "\(row.kernel) gave \(row.data ?? "nothing")")
    if let components = row.components, let counters = row.counters {
      #expect(components.reduce(0) { $0 + $1.instructions } == counters.instructions, "\(workload) on \(row.kernel)")
    }
    guard ["monolithic", "micro"].contains(row.kernel), basic.contains(workload) else { continue }
    #expect(row.ok, "\(workload) on \(row.kernel): \(row.refused ?? "")")
    let cold = try #require(row.cold)
    let warm = try #require(row.counters)
    #expect(warm.cycles > 0 && cold.cycles > 0)
  }
}

@Test func kernelsThatWereNotBuiltAreRowsAndMisspeltOnesAreErrors() throws {
  let report = try Laboratory().compare("null", kernels: ["all"])
  #expect(report.rows.map(\.kernel) == Laboratory.knownStructures)
  for row in report.rows where !Laboratory.structures.contains(row.kernel) {
    #expect(!row.ok && row.refused != nil && row.counters == nil)
  }
  #expect(throws: LabError.self) { try Laboratory().compare("null", kernels: ["mikro"]) }
  #expect(throws: LabError.self) { try Laboratory().compare("nothing") }
}

@Test func aReadGivesTheSameDataAndTheWordsCarryTheDifference() throws {
  let report = try Laboratory().compare("read", kernels: ["monolithic", "micro"])
  #expect(report.baseline == "monolithic")
  #expect(report.rows.map(\.data) == [text, text])
  #expect(report.rows.map(\.sameData) == [true, true])
  let counters = report.rows.compactMap(\.counters)
  let words = try #require(report.rows[1].difference)
  let more = counters[1].instructions - counters[0].instructions
  #expect(words.hasPrefix("+\(more.grouped) instructions against monolithic: "))
  #expect(words.contains("\(counters[1].messages) more messages"))
  #expect(words.contains("in the kernel's message path"))
  #expect(report.rows[0].difference == nil)
}

@Test func whereAMachineHasOneApplicationAProgramIsAMachine() throws {
  let report = try Laboratory().compare("pingpong", kernels: ["micro", "uni"])
  #expect(report.rows.map(\.ok) == [true, true])
  #expect(report.rows[1].note != nil && report.rows[1].sameData == true)
  #expect(report.rows[1].counters?.traps == 0)
  let spawn = try Laboratory().compare("spawn", kernels: ["uni"])
  #expect(spawn.rows.first?.refused?.contains("one application per machine") == true)
}

@Test func readsOfAllStructuresGiveTheSameDataAtTheTrapsTheyPromise() throws {
  let report = try Laboratory().compare("read", kernels: ["all"])
  #expect(report.rows.map(\.ok) == report.rows.map { _ in true })
  #expect(report.rows.map(\.data) == report.rows.map { _ in text })
  let traps = Dictionary(uniqueKeysWithValues: report.rows.map { ($0.kernel, $0.counters?.traps ?? .max) })
  #expect(traps["uni"] == 0 && traps["exo"] == 0 && traps["monolithic"] == 1 && traps["hybrid"] == 1)
  #expect((traps["micro"] ?? 0) > 1)
}

@Test func wordsAreMadeOfTheFiguresAlone() {
  var base = ComparisonRow(kernel: "one")
  base.counters = CallCounters()
  base.counters?.instructions = 100
  base.counters?.traps = 2
  base.components = [
    ComponentShare(component: "fs", kind: "service", image: "kernel", privilege: "S", instructions: 60),
    ComponentShare(component: "entry", kind: "runtime", image: "kernel", privilege: "S", instructions: 40),
  ]
  var other = ComparisonRow(kernel: "two")
  other.counters = CallCounters()
  other.counters?.instructions = 1090
  other.counters?.traps = 1
  other.counters?.addressSpaceSwitches = 1
  other.components = [
    ComponentShare(component: "fs-server", kind: "server", image: "fs", privilege: "U", instructions: 1000),
    ComponentShare(component: "fs", kind: "service", image: "fs", privilege: "U", instructions: 60),
    ComponentShare(component: "entry", kind: "runtime", image: "kernel", privilege: "S", instructions: 30),
  ]
  #expect(
    ComparisonWords.difference(of: other, from: base)
      == "+990 instructions against one: 1 trap fewer, 1 more address-space switch, +1,000 in server loops, "
      + "-10 entering and leaving the kernel")
  #expect(ComparisonWords.difference(of: base, from: base) == "as many instructions as one")
}

@Test(arguments: ["monolithic", "micro"])
func aProfileCountsEveryInstructionOfTheCallAndChangesNone(structure: String) throws {
  let plain = try boot(structure)
  let profiled = try boot(structure)
  let expected = try plain.call(.open, [.text("/etc/motd")])
  let report = try profiled.profile(.open, [.text("/etc/motd")])
  #expect(expected.idleInstructions > 0, "the call waits for the disk")
  #expect(report.call == expected)
  #expect(plain.machine.stateHash() == profiled.machine.stateHash())
  #expect(report.profile.instructions == expected.counters.instructions)
  for sum in [report.profile.components.map(\.instructions), report.profile.functions.map(\.instructions)] {
    #expect(sum.reduce(0, +) == expected.counters.instructions)
  }
  #expect(report.profile.components.contains { $0.component == "fs" && $0.kind == "service" })
  #expect(!report.profile.components.contains { $0.kind == "other" && $0.component == "unknown code" })
  let inUserMode = report.profile.components.filter { $0.component == "fs" }.allSatisfy { $0.privilege == "U" }
  #expect(inUserMode == (structure == "micro"))
}

@Test(arguments: ["monolithic", "micro"])
func aProfiledProgramIsAttributedThoughItsAddressSpaceIsGone(structure: String) throws {
  let system = try boot(structure)
  let report = try system.profileRun("hello", arguments: "")
  #expect(report.run.exitStatus == 0)
  #expect(report.profile.instructions == report.run.counters.instructions)
  #expect(report.profile.components.contains { $0.component == "hello" && $0.image == "hello" && $0.privilege == "U" })
  #expect(report.profile.copyingInstructions > 0)
  #expect(report.profile.components.allSatisfy { $0.image != "?" })
}

@Test func aBootIsProfiledFromItsFirstInstruction() throws {
  let report = try Laboratory().compare("boot", kernels: ["monolithic"])
  let row = try #require(report.rows.first)
  let laboratory = Laboratory()
  let boot = try laboratory.boot(BootRequest(structure: "monolithic"))
  #expect(row.counters?.instructions == boot.instructions)
  #expect(row.components?.reduce(0) { $0 + $1.instructions } == boot.instructions)
  #expect(row.components?.contains { $0.privilege == "M" } == true)
  #expect(row.sizes?.privilegedBytes == boot.privilegedBytes)
}
