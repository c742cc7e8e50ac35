// Breakpoints in programs that are all linked at one address, and going back in the system's own history.

import GuestABI
import Machine
import Testing

@testable import Lab

@Suite struct ProgramBreakpointTests {
  private func bootMicro() throws -> System {
    let laboratory = Laboratory()
    _ = try laboratory.boot(BootRequest(structure: "micro"))
    _ = try laboratory.current().call(.open, [.text("/etc/motd")])
    return try laboratory.current()
  }

  /// The user-mode addresses that programs execute in a call of `read`, in order.
  private func visits(_ system: System) throws -> [(program: String, address: UInt64)] {
    let copy = system.fork()
    var visits: [(program: String, address: UInt64)] = []
    _ = try copy.setBreakpoint(at: "agent:sys_read", temporary: true)
    _ = try copy.call(.read, [.number(3), .number(64)])
    _ = copy.driveSteps(100_000) {
      if copy.machine.privilege == .user, let name = copy.imageName(at: copy.machine.pc) {
        visits.append((name, copy.machine.pc))
      }
      return copy.isParked
    }
    return visits
  }

  @Test func everyProgramHasASymbolOfItsOwn() throws {
    let system = try bootMicro()
    let symbols = system.distinctiveSymbols
    // `spin` is so small that all its functions are in every program.
    #expect(symbols.map(\.program) == system.programs.sorted().filter { $0 != "spin" })
    #expect(Set(symbols.map(\.symbol)).count == symbols.count)
  }

  @Test func breakpointsMeanTheProgramsWhoseSymbolsTheDebuggerHasRead() throws {
    let system = try bootMicro()
    let visits = try visits(system)
    // An address that two programs execute.
    let shared = visits.lazy.compactMap { first in
      visits.first { $0.address == first.address && $0.program != first.program }.map { (first, $0.program) }
    }.first
    let (first, later) = try #require(shared)
    let address = first.address

    func stoppedProgram(reading known: Set<String>) throws -> String? {
      let copy = system.fork()
      let target = SystemDebugTarget(copy)
      let wanted = copy.distinctiveSymbols
      #expect(target.wantedSymbols == wanted.map(\.symbol))
      var packets = ["qSymbol::"]
      for (program, symbol) in wanted {
        packets.append("qSymbol:\(known.contains(program) ? "10000" : ""):\(Hexadecimal.text(symbol.utf8))")
      }
      _ = try copy.setBreakpoint(at: "agent:sys_read", temporary: true)
      _ = try copy.call(.read, [.number(3), .number(64)])
      packets += ["Z0,\(String(address, radix: 16)),4", "vCont;c"]
      let answers = replies(target, packets)
      #expect(answers[0].hasPrefix("qSymbol:"))
      #expect(answers[wanted.count] == "OK")
      #expect(answers.last?.hasPrefix("T05") == true)
      #expect(copy.machine.pc == address)
      return copy.imageName(at: address)
    }
    #expect(try stoppedProgram(reading: []) == first.program, "without symbols any program stops there")
    #expect(try stoppedProgram(reading: [later]) == later)
    #expect(try stoppedProgram(reading: [first.program, later]) == first.program)
  }

  @Test func goingBackReachesWhatHappenedBeforeTheDebuggerCame() throws {
    let system = try bootMicro()
    _ = try system.call(.read, [.number(3), .number(64)])
    let hash = system.machine.stateHash()
    let entry = try system.address(of: "agent:sys_read")
    let target = SystemDebugTarget(system)
    target.noteSymbols(Set(system.distinctiveSymbols.filter { $0.program == "agent" }.map(\.symbol)))
    let answers = replies(target, ["Z0,\(String(entry, radix: 16)),4", "bc", "bs", "bc", "vCont;c", "vCont;c"])
    #expect(answers[1].hasPrefix("T05swbreak"), "the call was made before the debugger came")
    #expect(answers[2].hasPrefix("T05thread"))
    #expect(answers[3].contains("replaylog:begin"))
    #expect(answers[4].hasPrefix("T05swbreak"), "forwards again, the recorded call is made again")
    #expect(answers[5].hasPrefix("T05thread"), "the present ends what was recorded")
    #expect(!system.isInThePast)
    #expect(system.machine.stateHash() == hash)
  }

  @Test func watchedReadsAreFoundGoingBack() throws {
    let system = try bootMicro()
    _ = try system.call(.read, [.number(3), .number(64)])
    let mailbox = try system.address(of: "agent:\(Observation.mailbox)")
    let target = SystemDebugTarget(system)
    let answers = replies(target, ["Z3,\(String(mailbox, radix: 16)),8", "bc"])
    #expect(answers[1].contains("rwatch:\(String(mailbox, radix: 16))"))
    #expect(system.isInThePast)
    #expect(system.imageName(at: system.machine.pc) == "agent")
  }
}
