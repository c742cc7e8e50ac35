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

@Test(arguments: [("forktest", ""), ("pipeline", ""), ("fsbench", "3 9000")])
func whatTheLibraryDoesItselfGivesTheSameOutput(program: String, arguments: String) throws {
  let laboratory = Laboratory()
  _ = try laboratory.boot(BootRequest(structure: "monolithic"))
  let monolithic = try laboratory.current().run(program, arguments: arguments)
  let exo = try boot().run(program, arguments: arguments)
  #expect(exo.exitStatus == 0)
  #expect(exo.output == monolithic.output)
}

@Test func applicationsShareOneAdapterByPacketFilters() throws {
  let system = try boot()
  let server = try #require(try system.call(.spawn, [.text("httpd"), .text("80 2")]).returned)
  _ = try system.continueRunning(milliseconds: 50)
  #expect(try system.run("ping", arguments: "10.0.2.2 2").output.contains("2 sent, 2 received"))
  #expect(try system.run("fetch", arguments: "http://10.0.2.2/hello").output == "hello, guest\n")
  // The port is bound: nobody else gets it.
  let second = try system.run("httpd", arguments: "80 1")
  #expect(second.exitStatus == 1 && second.output.contains("in use"))
  let page = try system.fetchFromHost(path: "/")
  #expect(page.status == 200 && page.body?.contains("Served from inside the glass") == true)
  let report = try system.resources()
  #expect(report.filters.contains { $0.filter == "TCP port 80" && $0.owner == UInt64(server) })
  let books = try #require(report.environments.first { $0.task == UInt64(server) })
  #expect(books.framesReceived > 0 && books.framesSent > 0 && books.framesRefused == 0)
  #expect(try #require(report.environments.first { $0.name == "agent" }).framesReceived == 0)
  #expect(try system.fetchFromHost(path: "/status").status == 200)
  _ = try system.continueRunning(milliseconds: 500)
  #expect(try system.resources().filters.allSatisfy { $0.owner != UInt64(server) }, "with its owner, a binding ends")
}

@Test func theHostCanHaveTheKernelAskForPages() throws {
  let system = try boot(memory: 16 << 20)
  let given = try system.revoke(10, from: "agent")
  #expect(given.given == 10 && given.taken == 0 && given.pagesAfter == given.pagesBefore - 10)
  // What was given back comes again when it is needed.
  try open(system)
  #expect(try system.call(.read, [.number(3), .number(64)]).data == text)
  let hog = try #require(try system.call(.spawn, [.text("hog"), .text("")]).returned)
  _ = try system.continueRunning(milliseconds: 3000)
  let taken = try system.revoke(50, from: "hog")
  #expect(taken.given == 0 && taken.taken == 50 && taken.pagesAfter == taken.pagesBefore - 50)
  let books = try system.resources().environments
  #expect(books.first { $0.task == UInt64(hog) }?.pagesTaken == 50)
  #expect(books.first { $0.name == "agent" }.map { [$0.pagesAsked, $0.pagesGiven, $0.pagesTaken] } == [10, 10, 0])
  #expect(throws: LabError.self) { try system.revoke(1, from: "nobody") }
}

@Test func anApplicationChoosesTheLayoutOfItsOwnFiles() throws {
  let system = try boot()
  let journaled = try system.run("fsbench", arguments: "3 9000")
  let plain = try system.run("fsbench-plain", arguments: "3 9000")
  #expect(plain.exitStatus == 0 && plain.output == journaled.output)
  #expect(plain.counters.interrupts < journaled.counters.interrupts, "each block is written once")
}

@Test func aWildWriteInTheLibraryCorruptsItsOwnApplicationSilently() throws {
  let system = try boot()
  try open(system)
  #expect(try system.call(.read, [.number(3), .number(12)]).data == "Every kernel")
  let fault = try system.inject("wild-write", into: "blk")
  #expect(fault.location?.image == "agent")
  let request = try system.call(.stat, [.text("/data/scan")])
  #expect(request.returned == 0 && request.state == .running)
  // Nobody has noticed, and the file goes on where it began.
  #expect(try system.call(.read, [.number(3), .number(12)]).data == "Every kernel")
  #expect(try system.run("cat", arguments: "/etc/motd").output == text, "another application is as it was")
  let report = try #require(system.faults().faults.first)
  #expect(report.detector == nil)
  #expect(system.tasks().tasks.allSatisfy { $0.state != "zombie" })
}

@Test func anotherDiskMeansThatEveryLibraryIsLinkedAgain() throws {
  let laboratory = Laboratory()
  let rows = try laboratory.replaceDiskDriver(with: "sdisk", in: ["monolithic", "micro", "exo"])
  func row(_ kernel: String) throws -> DeviceReplacement { try #require(rows.first { $0.kernel == kernel }) }
  #expect(try row("monolithic").relinked == 1 && row("monolithic").kernelChanged)
  #expect(try row("micro").relinked == 1 && !row("micro").kernelChanged)
  #expect(try row("micro").images.filter { $0.differs && $0.otherObjects }.map(\.image) == ["blk"])
  let exo = try row("exo")
  // All but the program that has no library; the kernel's checker changes with the device.
  #expect(exo.images.filter { !$0.differs }.map(\.image) == ["bare"])
  #expect(exo.relinked == exo.images.count - 1 && exo.kernelChanged)
  #expect(exo.objects == ["blk": "sdisk", "exo-disk": "exo-sdisk"])
  #expect(throws: LabError.self) { try laboratory.replaceDiskDriver(with: "floppy", in: ["exo"]) }
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
