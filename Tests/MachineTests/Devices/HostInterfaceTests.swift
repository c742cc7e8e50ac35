// HTIF: programs that end or talk through `tohost`, run by the hart, on both of its paths.

import Foundation
import Testing

@testable import Machine

@Suite("Host-target interface")
struct HostInterfaceTests {
  private static let toHost = MemoryMap.ram + 0x1000
  private static let fromHost = MemoryMap.ram + 0x1040

  private typealias A = Assembler

  /// A machine whose `s0` holds the address of `tohost`, about to execute the words.
  private func machine(_ words: [UInt32]) throws -> Machine {
    var machine = try Machine.executing(words)
    machine[.s0] = Self.toHost
    machine.board.attachHostInterface(toHost: Self.toHost, fromHost: Self.fromHost)
    return machine
  }

  private func run(_ words: [UInt32], _ setUp: (inout Machine) -> Void = { _ in }) throws -> [StopReason] {
    try [true, false].map { isFast in
      var machine = try machine(words)
      setUp(&machine)
      return isFast ? machine.run(limit: 1000) : machine.runReference(limit: 1000)
    }
  }

  @Test(arguments: [(UInt64(1), FinisherStatus.pass), (3, .fail(code: 1)), (2 * 77 + 1, .fail(code: 77))])
  func exitCodeEndsTheMachine(value: UInt64, status: FinisherStatus) throws {
    let reasons = try run([A.sd(.a0, 0, .s0), A.loopForever]) { $0[.a0] = value }
    #expect(reasons == [.finished(status), .finished(status)])
  }

  @Test func codeTooLargeForTheFinisherIsTheLargest() throws {
    let reasons = try run([A.sd(.a0, 0, .s0), A.loopForever]) { $0[.a0] = 1 << 40 | 1 }
    #expect(reasons == [.finished(.fail(code: .max)), .finished(.fail(code: .max))])
  }

  @Test func halvesAreOneRequestWhenTheUpperIsStored() throws {
    let reasons = try run([A.sw(.a0, 0, .s0), A.sw(.zero, 4, .s0), A.loopForever]) { $0[.a0] = 1 }
    #expect(reasons == [.finished(.pass), .finished(.pass)])
  }

  @Test func lowerHalfAloneIsOneOnlyWhenRepeated() throws {
    #expect(try run([A.sw(.a0, 0, .s0), A.loopForever]) { $0[.a0] = 1 } == [.limit, .limit])
    #expect(try run([A.sw(.a0, 0, .s0), A.jal(.zero, -4)]) { $0[.a0] = 1 } == [.finished(.pass), .finished(.pass)])
  }

  @Test func storesBesideItAreOrdinary() throws {
    var machine = try machine([A.sd(.a0, 8, .s0), A.sd(.a0, 16, .s0), A.loopForever])
    machine[.a0] = 1
    #expect(machine.run(limit: 100) == .limit)
    #expect(machine.memory.load(UInt64.self, at: Self.toHost + 8) == 1)
  }

  @Test func consoleByteIsPrintedAndAnswered() throws {
    var machine = try machine([A.sd(.a0, 0, .s0), A.ld(.a1, 0, .s0), A.ld(.a2, 0x40, .s0), A.loopForever])
    machine[.a0] = 1 << 56 | 1 << 48 | 65
    _ = machine.run(limit: 10)
    #expect(machine.board.uart.takeOutput() == [65])
    #expect(machine[.a1] == 0)
    #expect(machine[.a2] == 1 << 56 | 1 << 48 | 0x100 | 65)
  }

  @Test func consoleInputIsGivenWhenItComes() throws {
    var machine = try machine([A.sd(.a0, 0, .s0), A.ld(.a2, 0x40, .s0), A.jal(.zero, -4)])
    machine[.a0] = 1 << 56
    _ = machine.run(limit: 100)
    #expect(machine[.a2] == 0)
    machine.board.uart.receive([66])
    _ = machine.run(limit: 100)
    #expect(machine[.a2] == 1 << 56 | 0x100 | 66)
    #expect(!machine.board.uart.hasUnreadInput)
  }

  @Test func writeCallPrintsMemory() throws {
    var machine = try machine([A.sd(.a0, 0, .s0), A.ld(.a1, 0x40, .s0), A.loopForever])
    let call = MemoryMap.ram + 0x2000
    for (index, word) in [64, 1, call + 64, 5].enumerated() {
      _ = machine.memory.store(UInt64(word), at: call + UInt64(8 * index))
    }
    Array("tests".utf8).withUnsafeBytes { _ = machine.memory.write(call + 64, from: $0) }
    machine[.a0] = call
    _ = machine.run(limit: 10)
    #expect(machine.board.uart.takeOutput() == Array("tests".utf8))
    #expect(machine.memory.load(UInt64.self, at: call) == 5)
    #expect(machine[.a1] == 1)
  }

  @Test func requestsThatPointNowhereAreHarmless() throws {
    for value: UInt64 in [2, 0x1000, 0x8000_0000_0000 - 2, 0xff << 56, 1 << 56 | 9 << 48, .max << 48] {
      #expect(try run([A.sd(.a0, 0, .s0), A.loopForever]) { $0[.a0] = value } == [.limit, .limit])
    }
  }

  @Test func symbolsOfAnImageAttachIt() throws {
    try Toolchain.withTemporaryFolder { folder in
      let source = folder.appending(path: "program.s")
      let object = folder.appending(path: "program.o").path
      let image = folder.appending(path: "program.elf")
      let text = """
        .globl _start, tohost, fromhost
        _start: la t0, tohost
         li t1, 85
         sw t1, 0(t0)
         sw zero, 4(t0)
         j _start
         .balign 64
        tohost: .dword 0
         .balign 64
        fromhost: .dword 0
        """
      try text.write(to: source, atomically: true, encoding: .utf8)
      _ = try Toolchain.run(
        "clang", ["--target=riscv64-none-elf", "-march=rv64ima", "-mabi=lp64", "-c", source.path, "-o", object])
      let script = folder.appending(path: "program.ld")
      try "SECTIONS { . = 0x80000000; .text : { *(.text) } }".write(to: script, atomically: true, encoding: .utf8)
      _ = try Toolchain.run("ld.lld", ["-T", script.path, object, "-o", image.path])
      var machine = try Machine(MachineConfiguration(memoryBytes: 1 << 20))
      try machine.load(try ELFFile.parse(Array(try Data(contentsOf: image))))
      #expect(machine.run(limit: 1000) == .finished(.fail(code: 42)))
    }
  }
}
