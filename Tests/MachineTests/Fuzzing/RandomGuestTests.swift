// Guests that are nothing but random bits, on a machine with a disk, while the host writes random values to the devices:
// whatever happens in there, the host must go on. `Tests/run --sanitize` runs this suite under the address sanitizer.

import Foundation
import Testing

@testable import Machine

@Suite("Random guests")
struct RandomGuestTests {
  /// How many instructions each test executes; the sanitizer's run asks for more.
  private static let instructions = max(
    2_000_000, ProcessInfo.processInfo.environment["KERNELARIUM_FUZZ_INSTRUCTIONS"].flatMap { UInt64($0) } ?? 0)

  /// What a guest did before it stopped for good.
  private struct Outcome {
    var instructions: UInt64 = 0
    var traps: UInt64 = 0
    var deviceAccesses: UInt64 = 0
    var hostWrites = 0
  }

  @Test func randomProgramsAndDeviceWritesNeverCrash() throws {
    let total = try runGuests { seed in
      var program = RandomProgram(seed: seed)
      var machine = try program.machine()
      machine.board = try Self.board()
      return machine
    }
    #expect(total.instructions >= Self.instructions)
    #expect(total.traps > 1000)
    #expect(total.deviceAccesses > 100)
    #expect(total.hostWrites > 1000)
  }

  @Test func randomBitsNeverCrash() throws {
    let total = try runGuests { seed in
      var random = Random(seed: seed)
      var machine = try Machine(MachineConfiguration(memoryBytes: 256 << 10))
      machine.board = try Self.board()
      for address in stride(from: Machine.memoryBase, to: Machine.memoryBase + 256 << 10, by: 8) {
        // Half of the words are 32-bit instructions: random bits alone are short ones mostly.
        let bits = random.chance(1, in: 2) ? 0x3_0000_0003 : UInt64(0)
        _ = machine.memory.store(random.next() | bits, at: address)
      }
      // Handlers somewhere in there, so that a trap goes on.
      _ = machine.setCSR(0x305, to: Machine.memoryBase + random.below(1 << 16) * 4)
      _ = machine.setCSR(0x105, to: Machine.memoryBase + random.below(1 << 16) * 4)
      _ = machine.setCSR(0x302, to: random.next())
      _ = machine.setCSR(0x300, to: random.next())
      _ = machine.setCSR(0x3b0, to: .max)
      _ = machine.setCSR(0x3a0, to: 0x1f)
      for register in 1..<32 { machine[register: register] = Machine.memoryBase + random.below(256 << 10) }
      return machine
    }
    #expect(total.instructions >= Self.instructions / 4)
    #expect(total.traps > 1000)
  }

  /// A board with every kind of device.
  private static func board() throws -> Board {
    let disk = try DiskImage(contents: [UInt8](repeating: 7, count: 1 << 16))
    var configuration = BoardConfiguration(disk: disk, diskLatency: 3)
    for device in [.network(NetworkAdapter()), .console, .entropy] as [VirtioDeviceKind] {
      try configuration.place(device)
    }
    configuration.simpleDisk = disk
    configuration.hasIOMMU = true
    return Board(configuration)
  }

  /// Runs one guest after another until enough instructions were executed or enough guests have ended.
  private func runGuests(_ make: (UInt64) throws -> Machine) throws -> Outcome {
    var total = Outcome()
    var seed: UInt64 = 0
    while total.instructions < Self.instructions && seed < 4000 {
      seed += 1
      var machine = try make(seed)
      let outcome = run(&machine, seed: seed)
      total.instructions += outcome.instructions
      total.traps += outcome.traps
      total.deviceAccesses += outcome.deviceAccesses
      total.hostWrites += outcome.hostWrites
    }
    return total
  }

  private func run(_ machine: inout Machine, seed: UInt64) -> Outcome {
    var random = Random(seed: seed &* 77)
    var outcome = Outcome()
    for _ in 0..<64 {
      for _ in 0..<8 { outcome.hostWrites += writeToDevice(&machine, &random) }
      if random.chance(1, in: 4) { machine.board.uart.receive([UInt8(truncatingIfNeeded: random.next())]) }
      if random.chance(1, in: 8) {
        _ = machine.memory.store(random.next(), at: Machine.memoryBase + random.below(32 << 10) * 8)
      }
      let reason = machine.run(limit: random.below(4000))
      if machine.board.finished != nil { break }
      if reason != .limit || random.chance(1, in: 2) { Self.restart(&machine, &random) }
    }
    outcome.instructions = machine.instructionCount
    outcome.traps = machine.counters.traps
    outcome.deviceAccesses = machine.counters.mmioAccesses
    return outcome
  }

  /// Takes a guest out of a wait or a loop, with addresses of devices in registers, or it would hardly ever meet one.
  private static func restart(_ machine: inout Machine, _ random: inout Random) {
    machine.pc = Machine.memoryBase + random.below(1 << 14) * 2
    machine.hart.isWaiting = false
    machine[register: 6] = MemoryMap.clint.lowerBound + 0x4000
    machine[register: 7] = MemoryMap.uart.lowerBound
  }

  /// Writes a random value, or an address in RAM, to a random register of a device.
  private func writeToDevice(_ machine: inout Machine, _ random: inout Random) -> Int {
    let regions = [
      MemoryMap.clint, MemoryMap.plic, MemoryMap.uart, MemoryMap.rtc, MemoryMap.simpleDisk, MemoryMap.iommu,
    ]
    let slot = MemoryMap.virtio.lowerBound + random.below(8) * MemoryMap.virtioStride
    let region = random.chance(1, in: 2) ? slot..<slot + 0x200 : regions[Int(random.below(UInt64(regions.count)))]
    let size = 1 << Int(random.below(4))
    let address =
      (region.lowerBound + random.below(min(0x200, region.upperBound - region.lowerBound))) & ~UInt64(size - 1)
    let value = random.chance(1, in: 2) ? random.below(16) : random.next()
    let inMemory = Machine.memoryBase + random.below(1 << 16) * 16
    let stored = machine.board.store(
      address, size: size, value: random.chance(1, in: 3) ? inMemory : value, now: machine.time, memory: &machine.ram)
    return stored ? 1 : 0
  }
}

@Suite("Memory of the host")
struct HostMemoryTests {
  @Test func moreMemoryThanTheHostHasIsRefusedByName() throws {
    let host = try #require(HostMemory.bytes)
    let tooMuch = (host + 4096) & ~4095
    #expect(throws: MachineError.memoryBeyondHost(tooMuch, host: host)) {
      _ = try Machine(MachineConfiguration(memoryBytes: tooMuch))
    }
    let text = MachineError.memoryBeyondHost(tooMuch, host: host).description
    #expect(text.contains("\(tooMuch)") && text.contains("\(host)"))
  }
}
