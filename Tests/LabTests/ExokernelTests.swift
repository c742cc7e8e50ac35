// The exokernel: physical resources behind secure bindings, an operating system in each application.

import GuestABI
import Testing

@testable import Lab

private let text = "Every kernel is clear once you watch it through glass.\n"

private func boot(memory: UInt64? = nil) throws -> System {
  let laboratory = Laboratory()
  var request = BootRequest(structure: "exo")
  if let memory { request.memoryBytes = memory }
  _ = try laboratory.boot(request)
  return try laboratory.current()
}

private func open(_ system: System) throws {
  #expect(try system.call(.open, [.text("/etc/motd")]).returned == 3)
}

@Test func anExokernelIsSmallerThanKernelsWithServices() throws {
  let laboratory = Laboratory()
  let exo = try laboratory.boot(BootRequest(structure: "exo"))
  let monolithic = try laboratory.boot(BootRequest(structure: "monolithic"))
  let hybrid = try laboratory.boot(BootRequest(structure: "hybrid"))
  #expect(exo.tasks == 1 && exo.addressSpaces == 1)
  #expect(exo.privilegedBytes < monolithic.privilegedBytes)
  #expect(exo.privilegedBytes < hybrid.privilegedBytes)
}

@Test func whatTheLibraryKnowsCostsNoTrap() throws {
  let system = try boot()
  let null = try system.call(.null)
  #expect(null.returned == 0 && null.counters.traps == 0)
  try open(system)
  let cold = try system.call(.read, [.number(3), .number(64)])
  #expect(cold.data == text)
  #expect(cold.counters.interrupts >= 1)
  #expect(cold.path.contains { $0.kind == .call && $0.component == "blk" && $0.privilege == "U" })
  #expect(cold.path.contains { $0.kind == .trap && $0.name == "store page fault" }, "the doorbell of the shadow queue")
  _ = try system.call(.seek, [.number(3), .number(0)])
  let warm = try system.call(.read, [.number(3), .number(64)])
  #expect(warm.data == text)
  #expect(warm.counters.traps == 0 && warm.counters.interrupts == 0 && warm.counters.addressSpaceSwitches == 0)
}

@Test func aFaultInTheLibraryEndsItsApplicationAndNoOther() throws {
  let system = try boot()
  try open(system)
  let other = try #require(try system.call(.spawn, [.text("spin"), .text("")]).returned)
  let fault = try system.inject("null-read", into: "blk")
  #expect(fault.location?.component == "blk")
  let report = try system.call(.read, [.number(3), .number(64)])
  #expect(report.returned == nil)
  #expect(report.state == .running, "the system goes on")
  #expect(report.events.contains { $0.text.contains("load page fault at 0x0") && $0.task == "agent" })
  let tasks = system.tasks().tasks
  #expect(tasks.contains { $0.id == UInt64(other) && $0.state != "zombie" })
  #expect(!tasks.contains { $0.name == "agent" && $0.state != "zombie" })
  #expect(throws: LabError.self) { try system.call(.null) }
}

@Test func theBootExtentIsReadOnlyAndEachApplicationHasItsOwn() throws {
  let system = try boot()
  #expect(try system.call(.open, [.text("/new"), .text("write"), .text("create")]).errno == "EROFS")
  let opened = try system.call(.open, [.text("/tmp/new"), .text("write"), .text("create")])
  let file = try #require(opened.returned)
  #expect(file >= 0)
  #expect(try system.call(.write, [.number(file), .text("mine")]).returned == 4)
  _ = try system.call(.seek, [.number(file), .number(0)])
  #expect(try system.call(.read, [.number(file), .number(10)]).data == "mine")
  #expect(try system.call(.rename, [.text("/tmp/new"), .text("/etc/new")]).errno == "EXDEV")
  #expect(try system.run("cat", arguments: "/tmp/new").exitStatus == 1, "another application has another /tmp")
  let extents = try system.resources().extents
  #expect(extents.map(\.ownerName) == [nil, "agent"])
  #expect(extents[0].first + extents[0].sectors == extents[1].first)
}

@Test func aProgramNeedsNoOperatingSystem() throws {
  let system = try boot()
  let report = try system.run("bare", arguments: "")
  #expect(report.exitStatus == 0)
  #expect(report.output.hasSuffix("The disk begins with 0x454552544c4e524b.\n"))
}

@Test func forkIsTheLibrarysAndPipesAreRefused() throws {
  let system = try boot()
  let fork = try system.run("forktest", arguments: "")
  #expect(fork.exitStatus == 0)
  #expect(fork.output.contains("child: words that differ after writing to each page: 16"))
  #expect(fork.output.contains("forktest: passed"))
  let pipeline = try system.run("pipeline", arguments: "")
  #expect(pipeline.output == "pipeline: pipe: not implemented in this structure\n")
}

@Test func whoDoesNotGivePagesBackLosesThem() throws {
  let system = try boot(memory: 16 << 20)
  let hog = try #require(try system.call(.spawn, [.text("hog"), .text("")]).returned)
  _ = try system.continueRunning(milliseconds: 3000)
  func resources(of task: Int64) throws -> EnvironmentResources? {
    try system.resources().environments.first { $0.task == UInt64(task) }
  }
  let before = try #require(try resources(of: hog))
  #expect(before.pages > 1000 && before.pagesTaken == 0)
  // As many applications as it takes until the kernel has to ask for pages.
  var others: [Int64] = []
  while try resources(of: hog)?.pagesTaken == 0, others.count < 10 {
    let other = try #require(try system.call(.spawn, [.text("spin"), .text("")]).returned)
    #expect(other > 0)
    others.append(other)
    _ = try system.continueRunning(milliseconds: 500)
  }
  let after = try #require(try resources(of: hog))
  #expect(after.pagesTaken > 0 && after.pages < before.pages)
  for other in others { #expect(try resources(of: other)?.pagesTaken == 0) }
  #expect(try resources(of: 1)?.pagesTaken == 0, "the agent is untouched")
  #expect(try system.call(.getpid).returned == 1)
}

@Test func onlyAnExokernelHasBooksOfResources() throws {
  let laboratory = Laboratory()
  _ = try laboratory.boot(BootRequest(structure: "micro"))
  let micro = try laboratory.current()
  #expect(throws: LabError.self) { try micro.resources() }
  let report = try boot().resources()
  #expect(report.environments.map(\.name) == ["agent"])
  #expect(report.environments[0].pages > 0 && report.environments[0].slice == "has it")
  #expect(report.pages == report.pagesOfNobody + report.environments[0].pages)
  #expect(report.devices.contains { $0.owners.contains("agent") })
}
