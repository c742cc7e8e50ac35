// Unikernels on the laboratory: no traps, links that leave out what nothing reaches, machines side by side.

import GuestABI
import GuestBuilder
import Machine
import Testing

@testable import Lab

private let text = "Every kernel is clear once you watch it through glass.\n"

private func boot(_ structure: String, _ application: String? = nil) throws -> (Laboratory, System, BootReport) {
  let laboratory = Laboratory()
  let report = try laboratory.boot(BootRequest(structure: structure, application: application))
  return (laboratory, try laboratory.current(), report)
}

@Suite struct UnikernelTests {
  @Test func callsAreCallsAndLeaveTheMachineOnlyForTheDisk() throws {
    let (_, system, _) = try boot("uni")
    let null = try system.call(.null, [])
    #expect(null.returned == 0)
    #expect(null.counters.traps == 0 && null.counters.interrupts == 0 && null.counters.vmExits == 0)
    #expect(try system.call(.open, [.text("/etc/motd")]).returned == 3)
    let read = try system.call(.read, [.number(3), .number(64)])
    #expect(read.data == text)
    #expect(read.counters.traps == 0 && read.counters.addressSpaceSwitches == 0 && read.counters.tlbMisses == 0)
    #expect(read.counters.vmExits > read.counters.mmioAccesses, "it waited for the disk")
    #expect(read.path.allSatisfy { $0.privilege == "S" })
    #expect(read.path.contains { $0.component == "blk" && $0.name == "blk_submit" })
  }

  @Test func processesAreRefusedWithTheReason() throws {
    let (_, system, _) = try boot("uni")
    let spawn = try system.call(.spawn, [.text("hello")])
    #expect(spawn.errno == "EOPNOTSUPP")
    #expect(spawn.errorText?.contains("one application per machine") == true)
    #expect(try system.run("hello", arguments: "").errno == "EOPNOTSUPP")
  }

  @Test func thereIsOneTaskAndNoPageTable() throws {
    let (_, system, report) = try boot("uni")
    #expect(report.tasks == 1 && report.addressSpaces == 1)
    #expect(system.tasks().tasks.map(\.state) == ["running"])
    #expect(throws: LabError.self) { try system.pageTable() }
    let regions = try system.regions().regions
    #expect(regions.contains { $0.owner == "fs text" && $0.permissions == "rwx" && $0.privilege == "S" })
    #expect(zip(regions, regions.dropFirst()).allSatisfy { $0.end <= $1.start })
  }

  @Test func aDriversFaultEndsTheMachine() throws {
    let (_, system, _) = try boot("uni")
    _ = try system.inject("null-read", into: "blk")
    _ = try system.call(.open, [.text("/etc/motd")])
    #expect(system.state == .panicked)
    #expect(system.report().panic?.location.symbol == "blk_submit")
    #expect(system.faults().faults.first?.outcome == "system crash")
  }
}

@Suite struct LinkingTests {
  @Test func eliminationSavesHalfOfHello() throws {
    let laboratory = Laboratory()
    let report = try laboratory.link(LinkRequest(application: "hello"))
    #expect(report.savedPercent >= 50)
    #expect(report.functionsDropped > report.functionsKept)
    #expect(report.decisions.contains { $0.choice == "files" && $0.value == "off" && $0.reason != nil })
    let whole = try laboratory.link(LinkRequest(application: "hello", choices: ["eliminate": "off"], name: "whole"))
    #expect(whole.imageBytes == report.wholeBytes)
    #expect(whole.functionsDropped == 0)
    let system = try bootLinked("whole", in: laboratory)
    #expect(try runToTheEnd(system) == "Hello from task 1.\n")
  }

  @Test func helloBootsInLessThan50Milliseconds() throws {
    let (_, system, report) = try boot("uni", "hello")
    #expect(report.time < 500_000)
    #expect(try runToTheEnd(system) == "Hello from task 1.\n")
    #expect(system.state == .halted)
    for structure in Laboratory.structures where structure != "uni" {
      let (_, _, other) = try boot(structure)
      #expect(report.instructions * 2 < other.instructions)
    }
  }

  @Test(arguments: ["hello", "cat"])
  func theReasonsAgreeWithTheLinker(application: String) throws {
    let laboratory = Laboratory()
    let linked = try laboratory.linkedApplication(application)
    for component in linked.report.components {
      let kept = Set(
        linked.image.kernel.elf.symbols.all.filter {
          linked.image.kernel.component(at: $0.address) == component.name
        }.map(\.name))
      for function in Set(linked.graph.functions(of: component.name)) {
        let isReached = linked.graph.isReached(LinkStep(component: component.name, symbol: function))
        #expect(isReached == kept.contains(function), "\(component.name): \(function)")
      }
    }
  }

  @Test func explanationsNameTheChainOrTheReason() throws {
    let laboratory = Laboratory()
    _ = try laboratory.link(LinkRequest(application: "hello"))
    let write = try laboratory.explain("con_write")
    #expect(write.kept && write.chain.first?.symbol == "reset" && write.chain.last?.symbol == "con_write")
    let files = try laboratory.explain("fs_write")
    #expect(!files.kept && files.reason.contains("hello calls none of"))
    #expect(throws: LabError.self) { try laboratory.explain("no_such_function") }
  }

  @Test(arguments: [
    ["allocator": "bump"], ["scheduler": "poll"], ["checks": "off"], ["driver": "sdisk"],
    ["allocator": "bump", "scheduler": "poll", "checks": "off"],
  ])
  func choicesLeadToImagesThatWork(choices: [String: String]) throws {
    let laboratory = Laboratory()
    let usual = try laboratory.link(LinkRequest(application: "cat", arguments: "/etc/motd", name: "usual"))
    let report = try laboratory.link(
      LinkRequest(application: "cat", choices: choices, arguments: "/etc/motd", name: "other"))
    if choices == ["allocator": "bump"] { #expect(report.imageBytes < usual.imageBytes) }
    if choices["checks"] == "off" {
      #expect(try traps(in: "other", laboratory) < traps(in: "usual", laboratory))
    }
    let system = try bootLinked("other", in: laboratory)
    #expect(try runToTheEnd(system) == text)
    if choices["scheduler"] == "poll" {
      #expect(system.machine.counters.waits <= 1, "it waits when it is switched off, if at all")
    }
  }

  @Test func whatCannotBeChosenIsRefused() throws {
    let laboratory = Laboratory()
    #expect(throws: LabError.self) { try laboratory.link(LinkRequest(application: "helo")) }
    for choices in [["alocator": "bump"], ["allocator": "buddy"]] {
      #expect(throws: LabError.self) { try laboratory.link(LinkRequest(application: "hello", choices: choices)) }
    }
    #expect(throws: LabError.self) {
      try laboratory.boot(BootRequest(structure: "monolithic", application: "hello"))
    }
  }

  /// How often the compiler's trap instruction, a halfword of zeros, stands in the file system's code.
  private func traps(in application: String, _ laboratory: Laboratory) throws -> Int {
    let image = try laboratory.linkedApplication(application).image.kernel
    let text = try #require(image.elf.sections.first { $0.name == ".text.fs" })
    let bytes = try #require(image.bytes(at: text.address, count: Int(text.size)))
    return stride(from: 0, to: bytes.count - 1, by: 2).count { bytes[$0] == 0 && bytes[$0 + 1] == 0 }
  }

  private func bootLinked(_ application: String, in laboratory: Laboratory) throws -> System {
    _ = try laboratory.boot(BootRequest(structure: "uni", application: application))
    return try laboratory.current()
  }

  private func runToTheEnd(_ system: System) throws -> String {
    let report = try system.continueRunning()
    #expect(report.state == .halted)
    return report.console
  }
}

@Suite struct VirtualMachineTests {
  @Test func machinesRunInTurnAndOneThatCrashesDisturbsNoOther() throws {
    let laboratory = Laboratory()
    let first = try laboratory.startVirtualMachine(VirtualMachineRequest(image: "uni", name: "first"))
    let second = try laboratory.startVirtualMachine(VirtualMachineRequest(image: "uni", name: "second"))
    _ = try laboratory.startVirtualMachine(VirtualMachineRequest(image: "monolithic", name: "whole"))
    let hello = try laboratory.startVirtualMachine(VirtualMachineRequest(image: "hello"))
    #expect(first.startInstructions == second.startInstructions, "equal machines start in the same way")
    #expect(first.networkAddress != second.networkAddress)
    let system = try laboratory.system(named: "first")
    _ = try system.inject("null-read", into: "blk")
    _ = try system.call(.open, [.text("/etc/motd")])
    let list = try laboratory.runVirtualMachines(milliseconds: 2)
    let states = Dictionary(uniqueKeysWithValues: list.machines.map { ($0.name, $0.state) })
    // It may have spoken before all others were there.
    let later = list.machines.first { $0.name == hello.name }?.console ?? ""
    #expect(hello.console + later == "Hello from task 1.\n")
    #expect(states == ["first": .panicked, "second": .running, "whole": .running, "hello": .halted])
    #expect(list.machines.allSatisfy { $0.vmExits > 0 && $0.turns > 0 })
    let other = try laboratory.system(named: "second")
    #expect(try other.call(.open, [.text("/etc/motd")]).returned == 3)
    #expect(try other.call(.read, [.number(3), .number(64)]).data == text)
  }

  @Test func onlyTheLanguageStopsAStoreBehindATableOfAUnikernel() throws {
    let laboratory = Laboratory()
    _ = try laboratory.link(LinkRequest(application: "crasher", arguments: "out-of-bounds", name: "checked"))
    _ = try laboratory.link(
      LinkRequest(application: "crasher", choices: ["checks": "off"], arguments: "out-of-bounds", name: "unchecked"))
    var states: [SystemState] = []
    var console = ""
    for image in ["checked", "unchecked"] {
      let started = try laboratory.startVirtualMachine(VirtualMachineRequest(image: image))
      let machine = try #require(try laboratory.runVirtualMachines(milliseconds: 2).machines.last)
      states.append(machine.state)
      console += started.console + machine.console
    }
    #expect(states == [.panicked, .halted])
    #expect(console.contains("the balance behind the table is now 7, and nobody noticed"))
  }

  @Test func theBuiltInHostIsNotOnTheMonitorsSwitch() throws {
    let laboratory = Laboratory()
    _ = try laboratory.startVirtualMachine(VirtualMachineRequest(image: "uni", name: "first"))
    let error = #expect(throws: LabError.self) { try laboratory.system(named: "first").pingFromHost() }
    #expect(error?.hint?.contains("vm start fetch") == true)
  }

  @Test func writesStayInTheMachineThatMadeThem() throws {
    let laboratory = Laboratory()
    for name in ["first", "second"] {
      _ = try laboratory.startVirtualMachine(VirtualMachineRequest(image: "uni", name: name))
    }
    let first = try laboratory.system(named: "first")
    #expect(try first.call(.open, [.text("/mine"), .text("write|create")]).returned == 3)
    #expect(try first.call(.write, [.number(3), .text("mine")]).returned == 4)
    #expect(try first.call(.sync, []).returned == 0)
    #expect(try laboratory.system(named: "second").call(.open, [.text("/mine")]).errno == "ENOENT")
  }

  @Test func equalCommandsGiveEqualRuns() throws {
    func run() throws -> (VirtualMachineList, [UInt64]) {
      let laboratory = Laboratory()
      for image in ["hello", "uni", "monolithic"] {
        _ = try laboratory.startVirtualMachine(VirtualMachineRequest(image: image))
      }
      let list = try laboratory.runVirtualMachines(milliseconds: 5)
      return (list, laboratory.systems.map { $0.machine.stateHash() })
    }
    let first = try run()
    let second = try run()
    #expect(first.0 == second.0)
    #expect(first.1 == second.1)
  }

  @Test func twoUnikernelsFetchFromEachOtherOverTheSwitch() throws {
    let laboratory = Laboratory()
    _ = try laboratory.link(LinkRequest(application: "httpd", arguments: "80 1"))
    _ = try laboratory.link(LinkRequest(application: "fetch", arguments: "10.0.2.15/"))
    _ = try laboratory.startVirtualMachine(VirtualMachineRequest(image: "httpd"))
    // The first that asks for an address gets the first one.
    let serving = try laboratory.runVirtualMachines(milliseconds: 50)
    #expect(serving.machines[0].console.contains("http://10.0.2.15:80/"))
    let fetch = try laboratory.startVirtualMachine(VirtualMachineRequest(image: "fetch"))
    let list = try laboratory.runVirtualMachines(milliseconds: 1000)
    #expect((fetch.console + list.machines[1].console).contains("<title>The terrarium</title>"))
    #expect(list.machines.map(\.state) == [.halted, .halted])
    #expect(list.frames > 10)
  }

  @Test func theBuiltInHostFetchesFromAUnikernel() throws {
    let laboratory = Laboratory()
    _ = try laboratory.link(LinkRequest(application: "httpd", arguments: "80 1"))
    _ = try laboratory.boot(BootRequest(structure: "uni", application: "httpd"))
    let system = try laboratory.current()
    let page = try system.fetchFromHost(path: "/")
    #expect(page.status == 200 && page.counters.traps == 0)
    #expect(page.body?.contains("<title>The terrarium</title>") == true)
  }

  @Test func stoppedMachinesAreGone() throws {
    let laboratory = Laboratory()
    _ = try laboratory.startVirtualMachine(VirtualMachineRequest(image: "hello"))
    _ = try laboratory.stopVirtualMachine("hello")
    #expect(laboratory.virtualMachines().machines.isEmpty)
    #expect(throws: LabError.self) { try laboratory.stopVirtualMachine("hello") }
    #expect(throws: LabError.self) { try laboratory.runVirtualMachines(milliseconds: 1) }
  }
}
