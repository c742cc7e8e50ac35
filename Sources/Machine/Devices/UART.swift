// The serial port: an ns16550A whose transmitter is never busy and whose line has no baud rate.
// Bytes wait on the host's side until the receive FIFO has room, so none is lost. Callers that want a repeatable run must
// log the time of each `receive`.

/// The serial port's registers and queues, compatible with `ns16550a` at a register stride of one byte.
public struct UART: Sendable {
  private enum Register {
    static let data: UInt64 = 0
    static let interruptEnable: UInt64 = 1
    static let interruptIdentification: UInt64 = 2
    static let lineControl: UInt64 = 3
    static let modemControl: UInt64 = 4
    static let lineStatus: UInt64 = 5
    static let modemStatus: UInt64 = 6
    static let scratch: UInt64 = 7
    static let end: UInt64 = 8
  }

  private enum InterruptEnable {
    static let received: UInt8 = 1
    static let transmitterEmpty: UInt8 = 2
    static let implemented: UInt8 = 0x0f
  }

  private enum Identification {
    static let none: UInt8 = 0x01
    static let transmitterEmpty: UInt8 = 0x02
    static let received: UInt8 = 0x04
    static let characterTimeout: UInt8 = 0x0c
    static let fifosEnabled: UInt8 = 0xc0
  }

  private enum FIFOControl {
    static let enable: UInt8 = 1
    static let clearReceiver: UInt8 = 2
    static let clearTransmitter: UInt8 = 4
  }

  private static let divisorLatchAccess: UInt8 = 0x80
  private static let loopback: UInt8 = 0x10
  private static let fifoDepth = 16
  private static let lineStatusDataReady: UInt8 = 0x01
  private static let lineStatusTransmitterIdle: UInt8 = 0x60
  /// Clear to send, data set ready and carrier detected: what a connected terminal shows.
  private static let modemStatusConnected: UInt8 = 0xb0

  private var interruptEnable: UInt8 = 0
  private var fifoControl: UInt8 = 0
  private var lineControl: UInt8 = 0
  /// OUT2 is on after reset, as on QEMU.
  private var modemControl: UInt8 = 0x08
  private var scratch: UInt8 = 0
  private var divisor: UInt16 = 0x0c
  private var transmitterEmptyInterrupt = false
  private var receiveFIFO: [UInt8] = []
  private var waitingInput: [UInt8] = []
  private var waitingInputStart = 0
  private var output: [UInt8] = []

  /// Whether any byte from the host has not been read by the guest yet.
  public var hasUnreadInput: Bool { !receiveFIFO.isEmpty || waitingInputStart < waitingInput.count }

  /// Queues bytes for the guest to read, without limit.
  public mutating func receive(_ bytes: some Sequence<UInt8>) {
    waitingInput.append(contentsOf: bytes)
    fillReceiveFIFO()
  }

  /// Removes and returns what the guest has transmitted since the last call.
  public mutating func takeOutput() -> [UInt8] {
    defer { output = [] }
    return output
  }

  /// Adds to what the guest has transmitted, as if it had.
  mutating func addOutput(_ bytes: [UInt8]) { output += bytes }

  /// Takes the oldest byte that the guest has not read, past its registers.
  mutating func takeUnread() -> UInt8? {
    if !receiveFIFO.isEmpty { return readReceiver() }
    // In loopback, what the host has sent has not reached the FIFO.
    guard waitingInputStart < waitingInput.count else { return nil }
    defer { waitingInputStart += 1 }
    return waitingInput[waitingInputStart]
  }

  /// Whether the interrupt line is high.
  var interrupts: Bool { identification != Identification.none }

  mutating func load(offset: UInt64, size: Int) -> UInt64? {
    guard offset < Register.end else { return nil }
    let divisorLatch = lineControl & Self.divisorLatchAccess != 0
    switch offset {
    case Register.data:
      return UInt64(divisorLatch ? UInt8(truncatingIfNeeded: divisor) : readReceiver())
    case Register.interruptEnable:
      return UInt64(divisorLatch ? UInt8(divisor >> 8) : interruptEnable)
    case Register.interruptIdentification:
      let identification = identification
      if identification == Identification.transmitterEmpty { transmitterEmptyInterrupt = false }
      return UInt64(identification | (usesFIFO ? Identification.fifosEnabled : 0))
    case Register.lineControl: return UInt64(lineControl)
    case Register.modemControl: return UInt64(modemControl)
    case Register.lineStatus:
      return UInt64(Self.lineStatusTransmitterIdle | (receiveFIFO.isEmpty ? 0 : Self.lineStatusDataReady))
    case Register.modemStatus: return UInt64(modemStatus)
    default: return UInt64(scratch)
    }
  }

  mutating func store(offset: UInt64, size: Int, value: UInt64) -> Bool {
    guard offset < Register.end else { return false }
    let value = UInt8(truncatingIfNeeded: value)
    let divisorLatch = lineControl & Self.divisorLatchAccess != 0
    switch offset {
    case Register.data where divisorLatch: divisor = divisor & 0xff00 | UInt16(value)
    case Register.data: transmit(value)
    case Register.interruptEnable where divisorLatch: divisor = divisor & 0x00ff | UInt16(value) << 8
    case Register.interruptEnable:
      let wasEnabled = interruptEnable & InterruptEnable.transmitterEmpty != 0
      interruptEnable = value & InterruptEnable.implemented
      // Enabling the interrupt while the transmitter is empty raises it, and this transmitter always is.
      if !wasEnabled { transmitterEmptyInterrupt = true }
    case Register.interruptIdentification: setFIFOControl(value)
    case Register.lineControl: lineControl = value
    case Register.modemControl:
      modemControl = value & 0x1f
      fillReceiveFIFO()
    case Register.scratch: scratch = value
    default: break
    }
    return true
  }

  /// Feeds every word of the port's state, in a fixed order; transmitted bytes belong to the host and are left out.
  func forEachStateWord(_ body: (UInt64) -> Void) {
    for register in [interruptEnable, fifoControl, lineControl, modemControl, scratch] { body(UInt64(register)) }
    body(UInt64(divisor))
    body(transmitterEmptyInterrupt ? 1 : 0)
    body(UInt64(receiveFIFO.count))
    for byte in receiveFIFO { body(UInt64(byte)) }
    body(UInt64(waitingInput.count - waitingInputStart))
    for byte in waitingInput[waitingInputStart...] { body(UInt64(byte)) }
  }

  private var usesFIFO: Bool { fifoControl & FIFOControl.enable != 0 }

  private var inLoopback: Bool { modemControl & Self.loopback != 0 }

  private var receiveTrigger: Int {
    guard usesFIFO else { return 1 }
    return [1, 4, 8, 14][Int(fifoControl >> 6)]
  }

  /// What the interrupt identification register shows, without the FIFO bits.
  ///
  /// Bytes below the FIFO's trigger level time out at once, because the line has no baud rate to count character times by.
  private var identification: UInt8 {
    if interruptEnable & InterruptEnable.received != 0, !receiveFIFO.isEmpty {
      return receiveFIFO.count >= receiveTrigger ? Identification.received : Identification.characterTimeout
    }
    if interruptEnable & InterruptEnable.transmitterEmpty != 0, transmitterEmptyInterrupt {
      return Identification.transmitterEmpty
    }
    return Identification.none
  }

  private var modemStatus: UInt8 {
    guard inLoopback else { return Self.modemStatusConnected }
    // In loopback the modem-control outputs feed the modem-status inputs: DTR→DSR, RTS→CTS, OUT1→RI, OUT2→DCD.
    return (modemControl & 1) << 5 | (modemControl & 2) << 3 | (modemControl & 4) << 4 | (modemControl & 8) << 4
  }

  private mutating func transmit(_ byte: UInt8) {
    if inLoopback {
      if receiveFIFO.count < (usesFIFO ? Self.fifoDepth : 1) { receiveFIFO.append(byte) }
    } else {
      output.append(byte)
    }
    transmitterEmptyInterrupt = true
  }

  private mutating func readReceiver() -> UInt8 {
    guard !receiveFIFO.isEmpty else { return 0 }
    let byte = receiveFIFO.removeFirst()
    fillReceiveFIFO()
    return byte
  }

  private mutating func setFIFOControl(_ value: UInt8) {
    let enableChanges = (value ^ fifoControl) & FIFOControl.enable != 0
    if enableChanges || value & FIFOControl.clearReceiver != 0 { receiveFIFO = [] }
    // A transmitter that has just been emptied says so.
    if enableChanges || value & FIFOControl.clearTransmitter != 0 { transmitterEmptyInterrupt = true }
    fifoControl = value & 0xc9
    fillReceiveFIFO()
  }

  private mutating func fillReceiveFIFO() {
    guard !inLoopback else { return }
    let capacity = usesFIFO ? Self.fifoDepth : 1
    while receiveFIFO.count < capacity, waitingInputStart < waitingInput.count {
      receiveFIFO.append(waitingInput[waitingInputStart])
      waitingInputStart += 1
    }
    if waitingInputStart == waitingInput.count {
      waitingInput = []
      waitingInputStart = 0
    }
  }
}
