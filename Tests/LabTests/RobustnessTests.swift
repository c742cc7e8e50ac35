// Guests whose memory was overwritten at random: every question must still be answered, and nothing may crash.

import Foundation
import GuestABI
import Testing

@testable import Lab

/// SplitMix64, so that a failure can be repeated.
private struct Generator: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var word = state
    word = (word ^ word >> 30) &* 0xbf58_476d_1ce4_e5b9
    word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
    return word ^ word >> 31
  }
}

private func askEverything(_ system: System) {
  _ = system.report()
  _ = system.position
  _ = system.devices()
  _ = system.tlb()
  _ = system.statistics()
  _ = system.registers()
  _ = system.components()
  _ = system.faults()
  for task in system.tasks().tasks.map(\.name) {
    _ = try? system.regions(of: task)
    _ = try? system.pageTable(of: task)
    _ = try? system.translate(0x10000, task: task, access: .write)
  }
  _ = try? system.regions()
  _ = try? system.disassemble(at: nil, count: nil)
  for address in [UInt64(0), 0x10000, 0x8000_0000, 1 << 38, .max - 7, .max] {
    _ = try? system.translate(address)
    for style in ExamineFormat.Style.allCases {
      _ = try? system.examine(ExamineFormat(count: 3, style: style), at: address)
      _ = try? system.examinePhysical(ExamineFormat(count: 3, style: style), at: address)
    }
  }
}

@Test(arguments: [1, 2, 3, 4] as [UInt64])
func overwrittenGuestsAreStillDescribed(seed: UInt64) throws {
  var random = Generator(state: seed)
  let original = try TinyGuest.boot().laboratory
  let tables = try original.current().pageTable().tables.map(\.address)
  for round in 0..<16 {
    let laboratory = original.fork()
    laboratory.limit = 20_000
    let system = try laboratory.current()
    for _ in 0..<(1 << (round % 8)) {
      let base = Bool.random(using: &random) ? Layout.taskRecords : tables.randomElement(using: &random) ?? 0
      let word = UInt64.random(in: 0...UInt64.max, using: &random) >> UInt64.random(in: 0...63, using: &random)
      let bytes = (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) }
      system.writePhysical(bytes, at: base + UInt64.random(in: 0..<511, using: &random) * 8)
    }
    askEverything(system)
    _ = try? system.inject(["null-read", "wild-write", "loop"].randomElement(using: &random) ?? "loop", into: "blk")
    _ = try? system.call(.read, [.number(3), .number(32)])
    _ = try? system.step(50)
    askEverything(system)
  }
}

@Test(arguments: [11, 12] as [UInt64])
func randomRegistersAtEveryWatchedPlaceAreSurvived(seed: UInt64) throws {
  var random = Generator(state: seed)
  let original = try TinyGuest.boot().laboratory
  original.limit = 20_000
  for _ in 0..<16 {
    let laboratory = original.fork()
    let system = try laboratory.current()
    let places = [
      "kernel_panic", "task_fault", "ipc_transfer_slow", "env_copy_out", "fs_read", "kernel_idle", "trap_entry",
    ]
    _ = try system.setBreakpoint(at: places.randomElement(using: &random) ?? "fs_read", temporary: true)
    let call = [LibraryCall.read, .getpid, .sleep, .kill, .yield].randomElement(using: &random) ?? .read
    _ = try? system.call(
      call, call == .read ? [.number(3), .number(8)] : call == .getpid || call == .yield ? [] : [.number(9)])
    for register in ["sp", "ra", "a0", "a1", "a2", "a3", "t0"] where Bool.random(using: &random) {
      _ = try system.setRegister(register, to: UInt64.random(in: 0...UInt64.max, using: &random))
    }
    _ = try? system.continueRunning(milliseconds: 1)
    askEverything(system)
  }
}

@Test func persistWritesChangedSectorsBackAndNothingElseDoes() throws {
  let file = FileManager.default.temporaryDirectory.appending(path: "lab-\(getpid())-disk.img")
  try Data(ImageSource.bundled.disk()).write(to: file)
  defer { try? FileManager.default.removeItem(at: file) }
  func write(_ text: String, persist: Bool) throws -> [String: Int] {
    let laboratory = Laboratory()
    _ = try laboratory.boot(BootRequest(structure: "mono", disk: .file(file.path), persist: persist))
    let system = try laboratory.current()
    #expect(try system.call(.open, [.text("/kept"), .text("write|create")]).returned == 3)
    #expect(try system.call(.write, [.number(3), .text(text)]).returned == Int64(text.utf8.count))
    #expect(try system.call(.sync).returned == 0)
    return try laboratory.persistDisks()
  }
  func kept() throws -> CallReport {
    let laboratory = Laboratory()
    _ = try laboratory.boot(BootRequest(structure: "micro", disk: .file(file.path)))
    let opened = try laboratory.current().call(.open, [.text("/kept")])
    return opened.errno == nil ? try laboratory.current().call(.read, [.number(3), .number(64)]) : opened
  }
  #expect(try write("lost", persist: false).isEmpty)
  #expect(try kept().errno == "ENOENT")
  #expect((try write("written in one kernel", persist: true)[file.path] ?? 0) > 0)
  #expect(try kept().data == "written in one kernel", "read in the other")
}
