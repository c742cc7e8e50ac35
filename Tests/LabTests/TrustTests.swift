// Trust, rights and make-up of the real structures: sums must agree with each other and with the page tables.

import GuestABI
import Testing

@testable import Lab
@testable import Machine

private func boot(_ structure: String) throws -> (laboratory: Laboratory, system: System) {
  let laboratory = Laboratory()
  _ = try laboratory.boot(BootRequest(structure: structure))
  return (laboratory, try laboratory.current())
}

@Test func theTrustedBaseIsTheSumOfItsParts() throws {
  let report = try Laboratory().trustedBase(["all"])
  #expect(report.kernels.map(\.kernel) == Laboratory.structures)
  for base in report.kernels {
    #expect(base.components.reduce(0) { $0 + $1.bytes } == base.privilegedBytes)
    #expect(base.components.reduce(0) { $0 + $1.functions } == base.functions)
    #expect(base.entryPoints > 0 && base.entryPoints < base.functions)
  }
  let bases = Dictionary(uniqueKeysWithValues: report.kernels.map { ($0.kernel, $0) })
  let monolithic = try #require(bases["monolithic"])
  let micro = try #require(bases["micro"])
  #expect(monolithic.services.contains("fs") && monolithic.services.contains("blk"))
  #expect(micro.services.isEmpty)
  #expect(micro.privilegedBytes < monolithic.privilegedBytes)
  let (_, system) = try boot("micro")
  #expect(system.trustedBase().kernels == [micro])
}

@Test func onlyADriverReachesItsDeviceAndThroughItAllOfMemory() throws {
  let (_, system) = try boot("micro")
  let report = try system.rights()
  #expect(report.iommu == "absent")
  let rows = Dictionary(report.rows.map { ($0.task, $0) }, uniquingKeysWith: { first, _ in first })
  let driver = try #require(rows["blk"])
  #expect(driver.devices == ["virtio7"])
  #expect(driver.dma.map(\.unlimited) == [true] && driver.dma[0].bytes == report.memoryBytes)
  #expect(rows["con"]?.devices == ["uart"] && rows["con"]?.dma.isEmpty == true)
  for name in ["agent", "fs", "pm", "vm"] {
    let row = try #require(rows[name])
    #expect(row.devices.isEmpty && row.dma.isEmpty, "\(name)")
    #expect(row.writableBytes < row.readableBytes && row.executableBytes > 0)
    #expect(row.memory.filter { $0.permissions.contains("w") && $0.permissions.contains("x") }.isEmpty)
  }
  #expect(rows["kernel"]?.privilege == "S" && rows["kernel"]?.readableBytes == report.memoryBytes)
  let alone = try system.rights(of: "blk")
  #expect(alone.rows == [driver])
  #expect(throws: LabError.self) { try system.rights(of: "nobody") }
}

@Test func inTheMonolithicKernelNoTaskReachesADevice() throws {
  let (_, system) = try boot("monolithic")
  let report = try system.rights()
  for row in report.rows where row.task != "kernel" { #expect(row.devices.isEmpty && row.dma.isEmpty) }
  #expect(report.rows.first?.devices.contains("virtio7") == true)
}

@Test func anIOMMULeavesADeviceItsWindowsAlone() throws {
  let (_, system) = try boot("micro")
  var iommu = IOMMU()
  system.machine.board.iommu = iommu
  #expect(try system.rights(of: "blk").iommu == "off")
  #expect(try system.rights(of: "blk").rows[0].dma[0].unlimited)
  iommu.isEnabled = true
  let range = MemoryMap.ram + 0x10000..<MemoryMap.ram + 0x12000
  let slot = MemoryMap.virtioBlockSlot
  let accepted = [
    iommu.setWindow(0, device: slot, to: IOMMUWindow(identity: range, isWritable: false)),
    iommu.setWindow(1, device: slot, to: IOMMUWindow(identity: range)),
    iommu.setWindow(2, device: 0, to: IOMMUWindow(identity: MemoryMap.ram..<MemoryMap.ram + 0x100000)),
  ]
  #expect(accepted == [true, true, true])
  system.machine.board.iommu = iommu
  let right = try #require(try system.rights(of: "blk").rows.first?.dma.first)
  #expect(!right.unlimited && right.bytes == 0x2000)
  #expect(right.windows.map(\.permissions) == ["r-", "rw"])
}

@Test func physicalPagesOfTwoTasksAreToldApartFromShared() throws {
  let (_, system) = try boot("micro")
  for row in try system.rights().rows where row.privilege == "U" {
    #expect(row.memory.allSatisfy { $0.permissions.contains("w") == false || $0.sharedWith.isEmpty }, "\(row.task)")
  }
}

// MARK: Address spaces

extension System {
  /// Writes a page-table entry behind the guest's back.
  fileprivate func write(_ entry: UInt64, to address: UInt64) {
    _ = machine.memory.store(entry, at: address)
  }
}

@Test func aSpaceDoesNotDifferFromItselfUntilItChanges() throws {
  let (laboratory, system) = try boot("micro")
  _ = try laboratory.checkpoint("before")
  let same = try laboratory.compareSpaces(SpaceName("agent@before"), SpaceName("agent"))
  #expect(same.differences.isEmpty && same.sameBytes > 0)

  let page = try #require(
    try system.pageTable(of: "agent").ranges.first { $0.permissions == "rw-" && $0.privilege == "U" })
  let entry = try #require(try system.translate(page.start, task: "agent", access: .read).levels.last)
  let writable: UInt64 = 4
  system.write(entry.entry & ~writable, to: entry.entryAddress)
  let changed = try laboratory.compareSpaces(SpaceName("agent@before"), SpaceName("agent"))
  #expect(changed.differences.map(\.change) == [.permissions])
  #expect(changed.differences.first?.start == page.start)
  #expect(changed.differences.first?.first == "rw- U" && changed.differences.first?.second == "r-- U")

  system.write(0, to: entry.entryAddress)
  let gone = try laboratory.compareSpaces(SpaceName("agent"), SpaceName("agent@before"))
  #expect(gone.differences.map(\.change) == [.secondOnly])
  #expect(gone.differences.reduce(0) { $0 + ($1.end - $1.start) } == Layout.pageSize)
  #expect(throws: LabError.self) { try laboratory.compareSpaces(SpaceName("agent@never"), SpaceName("agent")) }
}

@Test func aCopiedPageDiffersInRightsAndPage() throws {
  let (laboratory, system) = try boot("monolithic")
  let child = try #require(try system.call(.fork).returned)
  let report = try laboratory.compareSpaces(SpaceName("1"), SpaceName("\(child)"))
  #expect(system.hasTask(UInt64(child)) && !system.hasTask(99))
  // The parent has written since, into a copy of its own; the child still sees the page that was shared, read-only.
  let copied = try #require(report.differences.first { $0.change == .permissionsAndPhysical })
  #expect(copied.first == "rw- U" && copied.second == "r-- U" && copied.firstPhysical != copied.secondPhysical)
}

@Test func twoTasksShareTheKernelAndNothingElse() throws {
  let (laboratory, system) = try boot("micro")
  let report = try laboratory.compareSpaces(SpaceName("agent"), SpaceName("blk"))
  #expect(report.differences.allSatisfy { $0.end != 0 && $0.end <= Layout.userEnd })
  #expect(report.differences.contains { $0.change == .physical })
  #expect(report.differences.contains { $0.change == .secondOnly && $0.owner == "virtio7 registers" })
  let user = try system.pageTable(of: "agent").ranges.filter { $0.privilege == "U" }
  let different = report.differences.filter { $0.change != .secondOnly }.reduce(0) { $0 + ($1.end - $1.start) }
  #expect(different == user.reduce(0) { $0 + ($1.end - $1.start) }, "no user page of theirs is the same")
}

// MARK: Make-up

@Test func eachServiceIsWhereItsImageIs() throws {
  let comparison = try Laboratory().compareStructures()
  #expect(comparison.structures.map(\.kernel) == Laboratory.structures)
  func places(_ service: String, _ kernel: String) -> [ImageRole] {
    comparison.services.filter { $0.service == service }.flatMap(\.places).filter { $0.kernel == kernel }.map(\.role)
  }
  #expect(places("fs", "monolithic") == [.kernel] && places("fs", "micro") == [.server])
  #expect(places("unix", "micro") == [.program])
  #expect(places("messages", "monolithic").isEmpty)
  let micro = try #require(comparison.structures.first { $0.kernel == "micro" })
  #expect(micro.images.filter { $0.role == .kernel }.count == 1)
  #expect(Set(micro.images.flatMap(\.images)).count == micro.images.flatMap(\.images).count)
  #expect(try Laboratory().compareStructures(["micro"]).structures == [micro])
  #expect(throws: LabError.self) { try Laboratory().compareStructures(["nothing"]) }
}

@Test func systemCallsAreFoundInTheImages() throws {
  let laboratory = Laboratory()
  let list = try laboratory.systemCalls(["monolithic", "micro"])
  /// A program of a foreign system brings its own calls, which these kernels do not know.
  func native(_ table: SystemCallTable) throws -> [SystemCallReport] {
    let components = try laboratory.bootImage(of: table.kernel).manifest.components
    let linked = Set(components.filter { $0.kind == "stub" }.map(\.image))
    return table.calls.filter { !linked.isDisjoint(with: $0.users) }
  }
  let monolithic = try native(list.kernels[0])
  #expect(monolithic.allSatisfy { $0.number != nil })
  for call in LibraryCall.allCases {
    let row = monolithic.first { $0.functions.contains(call.symbol) }
    #expect(row?.number == call.rawValue, "\(call.symbol)")
    #expect(row?.users.contains("agent") == true)
  }
  let kernelCalls = Set(KernelCall.allCases.map(\.rawValue))
  let micro = try native(list.kernels[1])
  #expect(micro.allSatisfy { call in call.number.map(kernelCalls.contains) == true })
  #expect(micro.contains { $0.functions.contains("ipc_call") && $0.users.contains("agent") })
  #expect(!micro.contains { $0.functions.contains("sys_read") })
}

@Test func anImagesSectionsCoverWhatItLoads() throws {
  let (_, system) = try boot("monolithic")
  for name in [nil, "agent"] as [String?] {
    let report = try system.imageSections(of: name)
    #expect(zip(report.sections, report.sections.dropFirst()).allSatisfy { $0.address + $0.bytes <= $1.address })
    #expect(report.sections.contains { $0.permissions == "r-x" })
    #expect(report.sections.reduce(0) { $0 + $1.fileBytes } <= report.loadableBytes)
  }
  #expect(throws: LabError.self) { try system.imageSections(of: "nothing") }
}
