// Whole machines on a network: a guest pings the built-in host by itself, and two machines on one switch run in step.

import Foundation
import Testing

@testable import Machine

@Suite("Machines on a network", .enabled(if: Toolchain.has("clang", "ld.lld")))
struct MachineNetworkTests {
  private static let slot = 6

  /// Sends one broadcast frame and waits for one, then ends with the first payload byte of that as its code.
  private static let guest = """
    .globl _start
    _start:
     li s0, 0x10007000
     la s1, structures
     li t0, 3
     sw t0, 0x70(s0)
     li t0, 1
     sw t0, 0x24(s0)
     sw t0, 0x20(s0)
     li t0, 11
     sw t0, 0x70(s0)
     li s2, 0
    queue: sw s2, 0x30(s0)
     li t0, 8
     sw t0, 0x38(s0)
     slli t1, s2, 12
     add t1, t1, s1
     sw t1, 0x80(s0)
     addi t2, t1, 0x400
     sw t2, 0x90(s0)
     addi t2, t2, 0x200
     sw t2, 0xa0(s0)
     sw zero, 0x84(s0)
     sw zero, 0x94(s0)
     sw zero, 0xa4(s0)
     li t0, 1
     sw t0, 0x44(s0)
     li t2, 0x2000
     add t2, t2, t1
     sd t2, 0(t1)
     li t0, 72
     sw t0, 8(t1)
     li t0, 1
     sub t0, t0, s2
     slli t0, t0, 1
     sh t0, 12(t1)
     li t0, 1
     sh t0, 0x402(t1)
     addi s2, s2, 1
     li t0, 2
     bne s2, t0, queue
     li t0, 15
     sw t0, 0x70(s0)
     sw zero, 0x50(s0)
     # Machine-mode external interrupts of source 7 wake the hart; they are not taken.
     li t0, 0x0c000000
     li t1, 1
     sw t1, 28(t0)
     li t0, 0x0c002000
     li t1, 128
     sw t1, (t0)
     li t0, 0x800
     csrw mie, t0
     # The destination and payload are prepared; the source is the adapter's address.
     la t0, frame
     lw t1, 0x100(s0)
     sw t1, 18(t0)
     lhu t1, 0x104(s0)
     sh t1, 22(t0)
     la t1, structures + 0x3000
     li t2, 72
    copy: lb t3, (t0)
     sb t3, (t1)
     addi t0, t0, 1
     addi t1, t1, 1
     addi t2, t2, -1
     bnez t2, copy
     li t0, 1
     sw t0, 0x50(s0)
    wait: lhu t0, 0x602(s1)
     bnez t0, done
     li t1, 0x0c200004
     lw t2, (t1)
     li t3, 3
     sw t3, 0x64(s0)
     sw t2, (t1)
     lhu t0, 0x602(s1)
     bnez t0, done
     wfi
     j wait
    done: la t0, structures + 0x2000
     lbu t1, 12 + 14(t0)
     slli t1, t1, 16
     li t2, 0x3333
     or t1, t1, t2
     li t0, 0x100000
     sw t1, (t0)
     j done
     .balign 8
    frame: .space 12
     .byte 255, 255, 255, 255, 255, 255
     .space 6
     .byte 0x88, 0xb5
    payload: .byte 42
     .space 45
     .balign 4096
    structures: .space 0x4000
    """

  private static func image() throws -> ELFFile {
    try Toolchain.withTemporaryFolder { folder in
      let source = folder.appending(path: "guest.s")
      let script = folder.appending(path: "guest.ld")
      let object = folder.appending(path: "guest.o").path
      let image = folder.appending(path: "guest.elf")
      try guest.write(to: source, atomically: true, encoding: .utf8)
      try "SECTIONS { . = 0x80000000; .text : { *(.text) } }".write(to: script, atomically: true, encoding: .utf8)
      _ = try Toolchain.run(
        "clang",
        [
          "--target=riscv64-none-elf", "-march=rv64ima_zicsr", "-mabi=lp64", "-mcmodel=medany", "-c", source.path, "-o",
          object,
        ])
      _ = try Toolchain.run("ld.lld", ["-T", script.path, object, "-o", image.path])
      return try ELFFile.parse(Array(try Data(contentsOf: image)))
    }
  }

  private static func machine(_ number: UInt8, link: NetworkAdapter.Link) throws -> Machine {
    var configuration = MachineConfiguration(memoryBytes: 1 << 20)
    let adapter = NetworkAdapter(address: MACAddress(2, 0, 0, 0, 0, number), link: link)
    try configuration.board.place(.network(adapter), slot: slot)
    var machine = try Machine(configuration)
    try machine.load(try image())
    return machine
  }

  @Test func machineWithoutCompanyIsIdleAndCanBeToldToWaitUntilATick() throws {
    var machine = try Self.machine(1, link: .external)
    #expect(machine.run(limit: 100_000) == .idle)
    let time = machine.time
    let count = machine.instructionCount
    #expect(machine.run(limit: 100_000, untilTick: time + 12345) == .limit)
    #expect(machine.time == time + 12345)
    #expect(machine.instructionCount == count)
    #expect(machine.run(limit: 100_000, untilTick: time) == .limit)
    #expect(machine.time == time + 12345)
  }

  @Test func stoppingAtTicksDoesNotChangeTheRun() throws {
    func hash(step: UInt64) throws -> UInt64 {
      var machine = try Self.machine(1, link: .external)
      while machine.time < 5000 { _ = machine.run(limit: 100_000, untilTick: min(machine.time + step, 5000)) }
      return machine.stateHash()
    }
    let once = try hash(step: 5000)
    #expect(try hash(step: 1) == once)
    #expect(try hash(step: 7) == once)
  }

  @Test func twoMachinesOnASwitchHearEachOther() throws {
    func finish(exchangeFirst: Int) throws -> (reasons: [StopReason], times: [UInt64], capture: [UInt8]) {
      var first = try Self.machine(1, link: .external)
      var second = try Self.machine(2, link: .external)
      var network = VirtualSwitch()
      let ports = [network.addPort(), network.addPort()]
      network.startCapture()
      var reasons: [StopReason] = [.limit, .limit]
      var tick: UInt64 = 0
      while reasons.contains(.limit), tick < 100_000 {
        tick += network.latency
        if reasons[0] == .limit { reasons[0] = first.run(limit: .max, untilTick: tick) }
        if reasons[1] == .limit { reasons[1] = second.run(limit: .max, untilTick: tick) }
        for index in [exchangeFirst, 1 - exchangeFirst] {
          let frames =
            index == 0 ? first.board.takeSentFrames(slot: Self.slot) : second.board.takeSentFrames(slot: Self.slot)
          for frame in frames ?? [] { network.send(frame, from: ports[index]) }
        }
        network.advance(to: tick + network.latency)
        for frame in network.takeArrived(port: ports[0]) { _ = first.board.receive(frame, slot: Self.slot) }
        for frame in network.takeArrived(port: ports[1]) { _ = second.board.receive(frame, slot: Self.slot) }
      }
      return (reasons, [first.time, second.time], network.endCapture()?.fileContents ?? [])
    }
    let run = try finish(exchangeFirst: 0)
    #expect(run.reasons == [.finished(.fail(code: 42)), .finished(.fail(code: 42))])
    #expect(run.times.allSatisfy { $0 > 1000 })
    let other = try finish(exchangeFirst: 1)
    #expect(other.times == run.times && other.capture == run.capture)
  }

  @Test func checkpointInTheMiddleOfAConversationContinuesIt() throws {
    var machine = try Self.machine(1, link: .external)
    #expect(machine.run(limit: 100_000) == .idle)
    _ = machine.board.takeSentFrames(slot: Self.slot)
    let bytes = [UInt8](repeating: 255, count: 12) + [0x88, 0xb5, 99]
    _ = machine.board.receive(TimedFrame(tick: machine.time + 500, bytes: bytes), slot: Self.slot)
    let checkpoint = machine.checkpoint()
    #expect(machine.run(limit: 100_000) == .finished(.fail(code: 99)))
    let hash = machine.stateHash()
    var fork = Machine(forking: checkpoint)
    #expect(fork.run(limit: 100_000) == .finished(.fail(code: 99)))
    #expect(fork.stateHash() == hash)
  }
}
