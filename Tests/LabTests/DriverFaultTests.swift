// Faults on every driver of the real structures, and what is left when they strike.

import GuestABI
import Testing

@testable import Lab

private func boot(_ structure: String) throws -> (laboratory: Laboratory, system: System) {
  let laboratory = Laboratory()
  _ = try laboratory.boot(BootRequest(structure: structure))
  return (laboratory, try laboratory.current())
}

/// A call that makes a driver work, and a program that does.
private let requests: [String: (call: LibraryCall, arguments: [CallArgument], program: String, line: String)] = [
  "blk": (.open, [.text("/etc/motd")], "cat", "/etc/motd"),
  "con": (.write, [.number(1), .text("x")], "echo", "hi"),
]

@Test(arguments: Laboratory.structures, ["blk", "con"])
func theOutcomeOfAFaultFollowsFromWhereTheDriverIs(structure: String, driver: String) throws {
  let (_, system) = try boot(structure)
  let request = try #require(requests[driver])
  let images = system.image.manifest.components.filter { $0.name == driver && $0.kind == "driver" }.map(\.image)
  let roles = images.map { system.image.role(of: $0) }
  guard roles.contains(.kernel) || roles.contains(.server) else {
    try theApplicationEndsAndNoOther(system, driver, request.program, request.line)
    return
  }
  let fault = try system.inject("null-read", into: driver)
  #expect(fault.location?.component == driver)
  let report = try system.call(request.call, request.arguments)
  let outcome = try #require(system.report().faults?.first)
  let detector = system.image.isFlat ? "the bus (load access fault)" : "the MMU (load page fault)"
  #expect(outcome.fired && outcome.detector == detector)
  if roles.contains(.kernel) {
    #expect(report.state == .panicked)
    #expect(system.report().panic?.location.component == driver)
    #expect(outcome.outcome == "system crash")
  } else {
    #expect(system.report().state == .running)
    #expect(outcome.outcome == "contained: \(driver) was restarted")
    let expected = try boot(structure).system.call(request.call, request.arguments)
    #expect(report.returned == expected.returned, "the request was repeated")
    #expect(system.tasks().tasks.first { $0.name == driver }?.restarts == 1)
  }
}

/// Drivers that are servers of their own, with the structure and the driver of the disk that is linked.
private let servers =
  [
    ("micro", "blk", nil), ("micro", "con", nil), ("micro", "nic", nil), ("micro", "sdisk", "sdisk"),
    ("hybrid", "con", nil),
  ] as [(String, String, String?)]

@Test(arguments: servers)
func aServersEveryFaultIsOverWithARestartAndTheRequestIsRepeated(
  structure: String, driver: String, disk: String?
) throws {
  let laboratory = Laboratory()
  _ = try laboratory.boot(BootRequest(structure: structure, driver: disk))
  let program = driver == "con" ? "echo" : driver == "nic" ? "ping" : "cat"
  let line = driver == "con" ? "hi" : driver == "nic" ? "10.0.2.2 1" : "/etc/motd"
  let expected = try laboratory.fork().current().run(program, arguments: line)
  let kinds = try #require(System.faultTargets.first { $0.driver == driver }?.kinds.map(\.kind))
  // A device's own writes are bound by no page table, which is another matter; a storm takes long, and ends like a dead
  // device.
  for kind in kinds where !["wild-dma", "interrupt-storm"].contains(kind) {
    let system = try laboratory.fork().current()
    _ = try system.inject(kind, into: driver)
    let report = try system.run(program, arguments: line)
    let fault = try #require(system.report().faults?.first)
    #expect(fault.fired && system.state == .running, "\(kind): \(fault.outcome ?? "")")
    #expect(try system.call(.null).returned == 0, "\(kind): others live")
    if ["null-read", "wild-write", "loop", "lost-interrupt"].contains(kind) {
      #expect(fault.outcome == "contained: \(disk == nil ? driver : "blk") was restarted", "\(kind)")
      #expect(report.exitStatus == 0, "\(kind): \(report.output)")
      // How long an echo took is not the same.
      if driver != "nic" { #expect(report.output == expected.output, "\(kind)") }
    }
    if kind == "dead" { #expect(fault.outcome?.hasPrefix("contained") == true && report.exitStatus == 1) }
  }
}

/// Where each application has its driver: a program that is started with a fault in it ends, and the agent does not.
private func theApplicationEndsAndNoOther(
  _ system: System, _ driver: String, _ program: String, _ line: String
) throws {
  let expected = try system.run(program, arguments: line)
  #expect(expected.exitStatus == 0)
  #expect(try system.inject("null-read", into: driver, task: program).armed)
  let report = try system.run(program, arguments: line)
  #expect(report.exitStatus.map { $0 < 0 } == true)
  #expect(report.events.map(\.kind) == [.faultFired, .taskFault])
  #expect(system.report().faults?.first?.outcome == "contained: \(program) was ended")
  #expect(try system.call(.null).returned == 0, "the agent lives")
  let again = try system.run(program, arguments: line)
  #expect(again.output == expected.output, "and so does the program, without the fault")
}

@Test func codeFaultsAreAtTheSamePlaceInEveryStructure() throws {
  for driver in requests.keys {
    var places: Set<String> = []
    for structure in Laboratory.structures {
      let (_, system) = try boot(structure)
      let images = system.image.manifest.components.filter { $0.name == driver && $0.kind == "driver" }.map(\.image)
      guard !images.isEmpty else { continue }
      places.insert(try #require(try system.inject("null-read", into: driver).location?.name))
    }
    #expect(places.count == 1, "\(driver): \(places.sorted())")
  }
}

@Test func aDriverThatIsNotThereAndAFaultItCannotHaveAreRefused() throws {
  let (_, system) = try boot("micro")
  for (kind, driver, task) in [
    ("loop", "nothing", nil), ("dead", "con", nil), ("loop", "sdisk", nil), ("loop", "blk", "agent"),
    ("loop", "blk", "nobody"),
  ] as [(String, String, String?)] {
    #expect(throws: LabError.self) { try system.inject(kind, into: driver, task: task) }
  }
  #expect(system.faults().faults.isEmpty)
  #expect(try system.inject("loop", into: "blk", task: "blk").armed)
  #expect(throws: LabError.self) { try system.inject("null-read", into: "blk") }
  #expect(try system.inject("loop", into: "con").armed, "another driver may have a fault as well")
}

@Test func textOfAProgramThatDoesNotRunIsFoundInTheArchive() throws {
  for structure in ["monolithic", "micro"] {
    let (_, system) = try boot(structure)
    for name in system.programs {
      let program = try #require(system.image.image(name))
      let entry = program.elf.entry
      let place = try #require(system.archivedText(of: name, at: entry))
      #expect(system.machine.memory.bytes(at: place, count: 16) == program.bytes(at: entry, count: 16))
      #expect(system.archivedText(of: name, at: entry + 0x100000) == nil)
    }
  }
}

@Test func whenTheAgentEndsTheOthersLive() throws {
  let (_, system) = try boot("monolithic")
  let other = try #require(try system.call(.spawn, [.text("spin")]).returned)
  _ = try system.setRegister("pc", to: 0)
  let report = try system.continueRunning()
  #expect(report.stop == .outlived)
  #expect(report.events.map(\.kind) == [.taskFault])
  #expect(system.state == .running)
  #expect(system.report().reason?.contains("spin") == true)
  #expect(system.tasks().tasks.contains { Int64($0.id) == other && ["ready", "running"].contains($0.state) })
  #expect(throws: LabError.self) { try system.call(.null) }
  #expect(throws: LabError.self) { try system.run("hello", arguments: "") }
  let before = system.instructionCount
  #expect(try system.continueRunning().stop == .outlived)
  #expect(system.instructionCount > before, "the other program runs on")
}
