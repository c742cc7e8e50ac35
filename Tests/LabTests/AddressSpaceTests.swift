import GuestABI
import Machine
import Testing

@testable import Lab

@Test func tasksComeFromTheRecords() throws {
  let (_, system) = try TinyGuest.boot()
  let tasks = system.tasks().tasks
  #expect(tasks.map(\.name) == ["agent", "server"])
  #expect(tasks.map(\.state) == ["running", "blocked"])
  #expect(tasks.map(\.addressSpace) == [1, 2])
  #expect(tasks.map(\.current) == [true, false])
  #expect(tasks[1].waitsFor == "receive")
}

@Test func corruptRecordsAreShownAsSuch() throws {
  let (_, system) = try TinyGuest.boot()
  let second = Layout.taskRecords + UInt64(TaskRecord.stride)
  system.writePhysical([0xff], at: second + 8)
  #expect(system.tasks().tasks[1].state == "corrupt at 0x" + String(second + 8, radix: 16))
  system.writePhysical([0, 0], at: second)
  #expect(system.tasks().tasks[1].state == "corrupt at 0x" + String(second, radix: 16))
  #expect(system.tasks().tasks.count == 2)
}

@Test func regionsNameOwnersAndRights() throws {
  let (_, system) = try TinyGuest.boot()
  let regions = try system.regions(of: "agent").regions
  let text = try #require(regions.first { $0.owner == "agent text" })
  #expect(text.start == 0x10000 && text.end == 0x11000)
  #expect(text.permissions == "r-x" && text.privilege == "U")
  #expect(regions.contains { $0.owner == "agent data" && $0.permissions == "rw-" && $0.privilege == "U" })
  #expect(regions.contains { $0.owner == "uart registers" && $0.start == 0x5000_0000 && $0.privilege == "S" })
  let driver = try #require(regions.first { $0.owner == "blk text" })
  #expect(driver.start == driver.physical && driver.privilege == "S")
  #expect(regions.contains { $0.owner == "page tables" || $0.owner == "kernel pagetables" })
  #expect(zip(regions, regions.dropFirst()).allSatisfy { $0.end <= $1.start })
  let other = try system.regions(of: "2").regions
  #expect(!other.contains { $0.privilege == "U" })
  #expect(throws: LabError.self) { try system.regions(of: "nobody") }
}

@Test func pageTableListsTablesAndRanges() throws {
  let (_, system) = try TinyGuest.boot()
  let report = try system.pageTable()
  #expect(report.task == "agent")
  #expect(report.tables.map(\.level) == [2, 1, 0])
  #expect(!report.truncated)
  #expect(report.ranges.contains { $0.pageSize == 1 << 30 && $0.global && $0.owner == "fs text" })
}

@Test func translationExplainsEachVerdict() throws {
  let (_, system) = try TinyGuest.boot()
  let text = try system.translate(0x10000, access: .execute)
  #expect(text.allowed)
  #expect(text.levels.map(\.kind) == ["table", "table", "page"])
  #expect(text.tlb == "hit")
  #expect(text.owner == "agent text")
  #expect(!(try system.translate(0x10000, access: .write).allowed))
  let kernel = try system.translate(0x8000_0000, task: "agent")
  #expect(!kernel.allowed)
  #expect(kernel.verdict.contains("U = 0"))
  #expect(kernel.physical == 0x8000_0000)
  let nothing = try system.translate(0x20000)
  #expect(nothing.levels.last?.kind == "invalid")
  #expect(nothing.verdict.hasPrefix("load page fault"))
  #expect(!(try system.translate(1 << 45).allowed))
  #expect(try system.translate(0x8000_0000, task: "server").asid == 2)
}

@Test func questionsChangeNothing() throws {
  let (_, system) = try TinyGuest.boot()
  let hash = system.machine.stateHash()
  let counters = system.machine.counters
  _ = system.report()
  _ = system.tasks()
  _ = system.components()
  _ = system.devices()
  _ = system.tlb()
  _ = system.statistics()
  _ = system.registers()
  _ = try system.controlRegisters()
  _ = try system.translate(0x20000)
  _ = try system.pageTable(of: "server")
  _ = try system.regions()
  _ = try system.disassemble(at: nil, count: nil)
  _ = try system.examine(ExamineFormat(count: 4), at: 0x10000)
  #expect(system.machine.stateHash() == hash)
  #expect(system.machine.counters == counters)
}

@Test func staleTLBEntriesAreToldFromFreshOnes() throws {
  let (_, system) = try TinyGuest.boot()
  let entry = try #require(try system.translate(0x10000).levels.last?.entryAddress)
  let bits = try #require(system.physicalWord(entry))
  system.writePhysical((0..<8).map { UInt8(truncatingIfNeeded: (bits & ~8) >> ($0 * 8)) }, at: entry)
  #expect(try system.translate(0x10000).tlb == "stale")
}

@Test func memoryIsShownInEveryFormat() throws {
  let (_, system) = try TinyGuest.boot()
  let text = try system.address(of: "text")
  func shown(_ style: ExamineFormat.Style, _ unit: Int = 1, count: Int = 1) throws -> [String] {
    try system.examine(ExamineFormat(count: count, style: style, unit: unit), at: text).units.map(\.text)
  }
  #expect(try shown(.character, count: 2) == ["'E'", "'v'"])
  #expect(try shown(.hexadecimal, 4) == ["0x72657645"])
  #expect(try shown(.decimal) == ["69"])
  #expect(try shown(.binary) == ["0b01000101"])
  #expect(try shown(.string).first?.hasPrefix("Every kernel is") == true)
  let submit = try system.address(of: "blk_submit")
  let code = try system.examine(ExamineFormat(count: 2, style: .instruction), at: submit)
  #expect(code.units.map(\.text) == ["addi sp, sp, -0x10", "sd ra, 0x8(sp)"])
  #expect(code.units.map(\.address) == [submit, submit + 2])
  #expect(throws: LabError.self) { try system.examine(ExamineFormat(), at: 0x20000) }
  #expect(throws: LabError.self) { try system.examinePhysical(ExamineFormat(), at: 0x20000) }
  #expect(throws: LabError.self) { try system.examine(ExamineFormat(count: 0), at: text) }
  #expect(try system.examine(ExamineFormat(count: 1024, unit: 8), at: 0x11ff8).stopped != nil)
}

@Test func memoryIsWrittenThroughAnotherTasksSpace() throws {
  let (_, system) = try TinyGuest.boot()
  try system.writeMemory([1, 2, 3], at: 0x11900, task: "agent")
  #expect(try system.examine(ExamineFormat(unit: 4), at: 0x11900).units[0].value == 0x030201)
  #expect(throws: LabError.self) { try system.writeMemory([1], at: 0x11900, task: "server") }
}

@Test func disassemblyCoversTheFunctionAndMarksThePresentPlace() throws {
  let (_, system) = try TinyGuest.boot()
  _ = try system.setBreakpoint(at: "fs_read+4")
  _ = try system.call(.read, [.number(3), .number(4)])
  let report = try system.disassemble(at: nil, count: nil)
  #expect(report.instructions.first?.location.name == "fs_read")
  #expect(report.instructions.filter(\.current).map(\.location.offset) == [4])
  #expect(report.instructions.first { $0.breakpoint != nil }?.location.offset == 4)
  #expect(report.instructions.contains { $0.text.contains("blk_submit") || $0.text.hasPrefix("auipc ra") })
}

@Test func ownersDoNotOverlapAndTheFirstWins() {
  let ranges = OwnerRanges([(10..<20, "a"), (5..<30, "b"), (0..<100, "c"), (12..<14, "d"), (40..<40, "e")])
  #expect(ranges.owner(of: 0).name == "c")
  #expect(ranges.owner(of: 0).end == 5)
  #expect(ranges.owner(of: 5).name == "b")
  #expect(ranges.owner(of: 13).name == "a")
  #expect(ranges.owner(of: 13).end == 20)
  #expect(ranges.owner(of: 20).name == "b")
  #expect(ranges.owner(of: 99).name == "c")
  #expect(ranges.owner(of: 100).name == nil)
}

@Test func hostilePageTablesEndInABoundedWalk() {
  // Every entry points back to the same table.
  let walk = PageTableWalk(AddressSpaceRoot(satp: 8 << 60 | 0x8000_0000 >> 12)) { _ in 0x8000_0000 >> 2 | 1 }
  #expect(walk.truncated)
  #expect(walk.tables.count <= PageTableWalk.maximumTables)
  let outside = PageTableWalk(AddressSpaceRoot(satp: 8 << 60)) { _ in nil }
  #expect(outside.truncated && outside.pages.isEmpty)
}

@Test func mangledNamesBecomeReadable() {
  #expect(SymbolName.readable("blk_submit") == "blk_submit")
  #expect(SymbolName.readable("$s3blk11BlockDriverV6submityyF") == "BlockDriver.submit")
  #expect(SymbolName.readable("$s2fs11BlockDeviceV4read4intos6UInt32V") == "BlockDevice.read")
  #expect(SymbolName.readable("$s4core6handleyyF") == "handle")
  #expect(SymbolName.readable("$s999x") == "$s999x")
}
