// The serial port through the bus, with its interrupt at the controller.

import Machine
import Testing

@Suite("Serial port")
struct UARTTests {
  private let data = MemoryMap.uart.lowerBound
  private let interruptEnable = MemoryMap.uart.lowerBound + 1
  private let identification = MemoryMap.uart.lowerBound + 2
  private let lineControl = MemoryMap.uart.lowerBound + 3
  private let modemControl = MemoryMap.uart.lowerBound + 4
  private let lineStatus = MemoryMap.uart.lowerBound + 5
  private let modemStatus = MemoryMap.uart.lowerBound + 6

  @Test func transmittedBytesReachTheHostOnce() {
    let harness = BoardHarness()
    for byte in "hi\n".utf8 { harness.store(data, UInt64(byte), size: 1) }
    #expect(harness.takeOutput() == Array("hi\n".utf8))
    #expect(harness.takeOutput().isEmpty)
    #expect(harness.load(lineStatus, size: 1) == 0x60)
  }

  @Test(arguments: [false, true])
  func moreInputThanTheFIFOHoldsArrivesCompleteAndInOrder(usesFIFO: Bool) {
    let harness = BoardHarness()
    if usesFIFO { harness.store(identification, 1, size: 1) }
    let input = (0..<100).map { UInt8($0) }
    harness.board.uart.receive(input)
    var received: [UInt8] = []
    while let status = harness.load(lineStatus, size: 1), status & 1 == 1 {
      received.append(UInt8(harness.load(data, size: 1) ?? 0))
    }
    #expect(received == input)
    #expect(!harness.board.uart.hasUnreadInput)
  }

  @Test func receivedDataInterruptsUntilItIsRead() {
    let harness = BoardHarness()
    harness.store(MemoryMap.plic.lowerBound + 40, 1)
    harness.store(MemoryMap.plic.lowerBound + 0x2080, 1 << 10)
    harness.store(interruptEnable, 1, size: 1)
    #expect(!harness.isPending(.supervisorExternal))
    harness.board.uart.receive([65])
    #expect(harness.isPending(.supervisorExternal))
    #expect(harness.load(identification, size: 1) == 0x04)
    #expect(harness.load(MemoryMap.plic.lowerBound + 0x20_1004) == 10)
    #expect(harness.load(data, size: 1) == 65)
    #expect(harness.load(identification, size: 1) == 0x01)
    harness.store(MemoryMap.plic.lowerBound + 0x20_1004, 10)
    #expect(!harness.isPending(.supervisorExternal))
  }

  @Test func bytesBelowTheTriggerLevelAreACharacterTimeout() {
    let harness = BoardHarness()
    harness.store(identification, 0xc1, size: 1)
    harness.store(interruptEnable, 1, size: 1)
    harness.board.uart.receive([1])
    #expect(harness.load(identification, size: 1) == 0xcc)
    harness.board.uart.receive([UInt8](repeating: 2, count: 13))
    #expect(harness.load(identification, size: 1) == 0xc4)
  }

  @Test func emptyTransmitterInterruptsWhenEnabledAndAfterEachByte() {
    let harness = BoardHarness()
    harness.store(interruptEnable, 2, size: 1)
    #expect(harness.load(identification, size: 1) == 0x02)
    #expect(harness.load(identification, size: 1) == 0x01)
    harness.store(data, 65, size: 1)
    #expect(harness.load(identification, size: 1) == 0x02)
  }

  @Test func divisorLatchHidesDataAndInterruptEnable() {
    let harness = BoardHarness()
    harness.store(lineControl, 0x83, size: 1)
    harness.store(data, 0x34, size: 1)
    harness.store(interruptEnable, 0x12, size: 1)
    #expect(harness.load(data, size: 1) == 0x34)
    #expect(harness.load(interruptEnable, size: 1) == 0x12)
    harness.store(lineControl, 0x03, size: 1)
    #expect(harness.load(interruptEnable, size: 1) == 0)
    #expect(harness.takeOutput().isEmpty)
  }

  @Test func loopbackReturnsBytesAndModemLines() {
    let harness = BoardHarness()
    harness.store(modemControl, 0x1a, size: 1)
    #expect(harness.load(modemStatus, size: 1) == 0x90)
    harness.store(data, 65, size: 1)
    #expect(harness.load(data, size: 1) == 65)
    #expect(harness.takeOutput().isEmpty)
  }

  @Test func clearingTheReceiverDropsWhatWasReceived() {
    let harness = BoardHarness()
    harness.store(identification, 1, size: 1)
    harness.board.uart.receive([1, 2, 3])
    harness.store(identification, 3, size: 1)
    #expect(harness.load(lineStatus, size: 1) == 0x60)
  }

  @Test func nothingIsBeyondTheEighthRegister() {
    let harness = BoardHarness()
    #expect(harness.load(MemoryMap.uart.lowerBound + 8, size: 1) == nil)
    #expect(!harness.store(MemoryMap.uart.lowerBound + 8, 0, size: 1))
  }
}
