import GuestABI
import RISCV
import Testing

@testable import Lab

private let read: [CallArgument] = [.number(3), .number(12)]

@Test func nullReadPanicsAndTheReportNamesCauseAddressAndComponent() throws {
  let (_, system) = try TinyGuest.boot()
  let fault = try system.inject("null-read", into: "blk")
  #expect(fault.armed && !fault.fired)
  // Behind `addi sp`, two saves and `mv`: the first four-byte instruction.
  #expect(fault.location?.symbol == "blk_submit")
  #expect(fault.location?.offset == 8)
  let report = try system.call(.read, read)
  #expect(report.state == .panicked)
  #expect(report.events.map(\.kind) == [.faultFired, .panic])
  let panic = try #require(system.report().panic)
  #expect(panic.cause == "load page fault")
  #expect(panic.address == 0)
  #expect(panic.location.component == "blk")
  #expect(panic.backtrace.map(\.symbol) == ["blk_submit", "fs_read", "do_read"])
  let after = try #require(system.faults().faults.first)
  #expect(after.fired && !after.armed)
  #expect(after.outcome == "system crash")
  #expect(after.detector == "the MMU (load page fault)")
  #expect(system.loadedBytes(of: "blk_submit") == original(system))
}

@Test func wildWriteStoresOnceAndTheDriverGoesOnAsBefore() throws {
  let (_, system) = try TinyGuest.boot()
  let golden = try TinyGuest.boot().system.call(.read, read)
  let fault = try system.inject("wild-write", into: "blk")
  let target = try #require(fault.target?.address)
  #expect(target == Layout.taskRecords + 16)
  #expect(fault.location?.offset == 0)
  let report = try system.call(.read, read)
  #expect(report.returned == 12)
  #expect(report.data == "Every kernel")
  #expect(report.counters.instructions == golden.counters.instructions + 4)
  #expect(report.counters.calls == golden.counters.calls)
  #expect(system.machine.memory.load(UInt64.self, at: target) == 0)
  #expect(system.tasks().tasks.first?.state == "corrupt at 0x80001010")
  #expect(system.faults().faults.first?.fired == true)
  #expect(system.loadedBytes(of: "blk_submit") == original(system))
}

@Test func loopUsesTheBudgetUp() throws {
  let (laboratory, system) = try TinyGuest.boot()
  laboratory.limit = 100_000
  let fault = try system.inject("loop", into: "blk")
  let report = try system.call(.read, read)
  #expect(report.state == .hung)
  #expect(system.report().reason?.contains("blk_submit") == true)
  let after = try #require(system.faults().faults.first)
  #expect(after.fired)
  #expect(after.outcome == "system hang")
  _ = try system.removeFault(fault.id)
  #expect(system.faults().faults.isEmpty)
  #expect(system.loadedBytes(of: "blk_submit") == original(system))
}

@Test func removingAnArmedFaultRestoresTheCode() throws {
  let (_, system) = try TinyGuest.boot()
  let before = system.machine.stateHash()
  let fault = try system.inject("null-read", into: "blk")
  #expect(system.machine.stateHash() != before)
  _ = try system.removeFault(fault.id)
  #expect(system.machine.stateHash() == before)
}

@Test func unknownFaultsSuggestTheNearestName() throws {
  let (_, system) = try TinyGuest.boot()
  do {
    _ = try system.inject("null-raed", into: "blk")
    Issue.record("accepted a fault that does not exist")
  } catch {
    #expect(error.message.contains("did you mean `null-read`"))
  }
  #expect(throws: LabError.self) { try system.inject("null-read", into: "nic") }
  _ = try system.inject("null-read", into: "blk")
  #expect(throws: LabError.self) { try system.inject("loop", into: "blk") }
}

@Test func deviceFaultsAreArmedInTheDevice() throws {
  let (_, system) = try TinyGuest.boot()
  let fault = try system.inject("io-error", into: "blk")
  #expect(fault.level == .device)
  #expect(system.machine.board.blockFault?.fault == .ioError)
  _ = try system.removeFault(fault.id)
  #expect(system.machine.board.blockFault == nil)
}

@Test func wildWriteMaterialisesItsTarget() {
  for target in [UInt64(0x8000_1010), 0x8000_17f8, 0x8000_1800, 0xffff_e000, 0x1000] {
    let words = FaultCode.wildWrite(to: target)
    #expect(words.count == 4)
    let texts = words.map { Disassembler.text(of: $0, at: 0).text }
    #expect(texts[3].hasPrefix("sd zero, "))
    let high = Int64(Int32(bitPattern: words[0] & 0xffff_f000))
    let low = Int64(Int32(bitPattern: words[1]) >> 20)
    #expect(UInt64(bitPattern: (high + low) << 1) == target, "\(texts)")
  }
}

@Test func theSearchBehindThePrologueStopsAtBranches() {
  // c.addi sp,-16; c.sdsp ra; c.j
  #expect(FaultCode.offsetBehindPrologue([0x41, 0x11, 0x06, 0xe4, 0x01, 0xa0, 0x13, 0x05, 0x00, 0x00]) == nil)
  // c.addi sp,-16; c.sdsp ra; addi a0,zero,0
  #expect(FaultCode.offsetBehindPrologue([0x41, 0x11, 0x06, 0xe4, 0x13, 0x05, 0x00, 0x00]) == 4)
  #expect(FaultCode.offsetBehindPrologue([0x41]) == nil)
}

extension System {
  /// The bytes of a kernel function as they lie in memory.
  func loadedBytes(of symbol: String) -> [UInt8] {
    guard let symbol = image.kernel.elf.symbols[symbol] else { return [] }
    return machine.memory.bytes(at: symbol.address, count: Int(symbol.size)) ?? []
  }
}

/// The bytes of `blk_submit` as they were linked.
private func original(_ system: System) -> [UInt8] {
  let symbol = system.image.kernel.elf.symbols["blk_submit"]
  return symbol.flatMap { system.image.kernel.bytes(at: $0.address, count: Int($0.size)) } ?? []
}

@Test(arguments: [
  "lost-interrupt", "interrupt-storm", "short-read", "garbage-registers", "wild-dma", "dead", "io-error",
])
func everyDeviceFaultOfTheBoardCanBeArmed(kind: String) throws {
  let (_, system) = try TinyGuest.boot()
  let before = system.machine.stateHash()
  let fault = try system.inject(kind, into: "blk")
  #expect(fault.level == .device)
  let armed = try #require(system.machine.board.blockFault)
  #expect(armed.fault.rawValue == kind)
  #expect(armed.remaining == (["dead", "interrupt-storm"].contains(kind) ? nil : 1))
  if kind == "wild-dma" {
    #expect(armed.wildAddress == Layout.taskRecords + 16)
    #expect(fault.target?.address == armed.wildAddress)
  }
  #expect(throws: LabError.self, "the device holds one fault") { try system.inject("io-error", into: "blk") }
  _ = try system.removeFault(fault.id)
  #expect(system.machine.stateHash() == before)
}

@Test func shortReadIsASilentWrongResultAndIsGoneBackFrom() throws {
  let laboratory = Laboratory()
  _ = try laboratory.boot(BootRequest(structure: "micro"))
  let system = try laboratory.current()
  _ = try system.inject("short-read", into: "blk")
  _ = try system.run("cat", arguments: "/etc/motd")
  #expect(system.faults().faults.first?.fired == true)
  let hash = system.machine.stateHash()
  _ = try system.reverseContinue(to: [.syscall])
  _ = try system.continueRunning()
  #expect(system.machine.stateHash() == hash, "the fault strikes again in a replay")
}

@Test func wildDMADestroysTaskRecordsInEveryStructure() throws {
  for structure in ["monolithic", "micro"] {
    let laboratory = Laboratory()
    laboratory.limit = 2_000_000
    _ = try laboratory.boot(BootRequest(structure: structure))
    let system = try laboratory.current()
    _ = try system.inject("wild-dma", into: "blk")
    _ = try? system.run("cat", arguments: "/etc/motd")
    let fault = try #require(system.faults().faults.first)
    #expect(fault.fired, "\(structure): page tables do not bind a device")
    let why = try system.why("0x" + String(Layout.taskRecords + 16, radix: 16), length: 8)
    #expect(["device", "instruction"].contains(why.writer))
  }
}
