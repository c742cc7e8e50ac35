// Faults on every driver of the real structures, and what is left when they strike.

import GuestABI
import Testing

@testable import Lab

private func boot(_ structure: String) throws -> (laboratory: Laboratory, system: System) {
  let laboratory = Laboratory()
  _ = try laboratory.boot(BootRequest(structure: structure))
  return (laboratory, try laboratory.current())
}

@Test(arguments: ["blk", "con"])
func aDriverInTheKernelPanicsAndOneInATaskIsStartedAgain(driver: String) throws {
  let program = driver == "con" ? ("hello", "") : ("cat", "/etc/motd")
  let (_, monolithic) = try boot("monolithic")
  let fault = try monolithic.inject("null-read", into: driver)
  let crash = try monolithic.run(program.0, arguments: program.1)
  #expect(crash.state == .panicked)
  #expect(monolithic.report().panic?.location.component == driver)
  #expect(monolithic.faults().faults.first?.outcome == "system crash")

  let (_, micro) = try boot("micro")
  let same = try micro.inject("null-read", into: driver)
  #expect(same.location?.symbol == fault.location?.symbol && same.location?.offset == fault.location?.offset)
  let expected = try boot("micro").system.run(program.0, arguments: program.1)
  let report = try micro.run(program.0, arguments: program.1)
  #expect(report.exitStatus == 0 && report.output == expected.output, "the request was repeated")
  #expect(micro.faults().faults.first?.outcome == "contained: \(driver) was restarted")
  #expect(micro.tasks().tasks.first { $0.name == driver }?.restarts == 1)
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
