// The registers of an ns16550A serial port, one byte apart (National Semiconductor PC16550D, section 8).
//
// Callers must not transmit from two places at once: the transmitter's FIFO is counted, not asked, between two looks at
// the line status.

import _Volatile

/// A serial port: interrupt-driven towards the driver, polled away from it.
struct SerialPort {
  private enum Register {
    static var data: UInt { 0 }
    static var interruptEnable: UInt { 1 }
    static var fifoControl: UInt { 2 }
    static var lineControl: UInt { 3 }
    static var modemControl: UInt { 4 }
    static var lineStatus: UInt { 5 }
  }

  private enum Bits {
    static var receivedInterrupt: UInt8 { 0x01 }
    static var fifoEnable: UInt8 { 0x01 }
    static var eightBits: UInt8 { 0x03 }
    /// Terminal ready, request to send, and OUT2, which opens the interrupt line on boards that gate it.
    static var modemReady: UInt8 { 0x0B }
    static var dataReady: UInt8 { 0x01 }
    static var transmitterEmpty: UInt8 { 0x20 }
  }

  /// Bytes that an empty transmitter takes without another look at the line status.
  private static var transmitDepth: Int { 16 }
  /// How often the line status is read before the port counts as broken.
  private static var patience: Int { 10_000_000 }

  /// The first register's address; 0 before a port was found.
  var base: UInt = 0
  /// Bytes that the transmitter takes without another look.
  private var room = 0

  /// Eight data bits, no parity, FIFOs on, an interrupt for each byte received.
  ///
  /// The speed stays as the firmware left it.
  mutating func start() {
    write(Register.interruptEnable, 0)
    write(Register.lineControl, Bits.eightBits)
    write(Register.fifoControl, Bits.fifoEnable)
    write(Register.modemControl, Bits.modemReady)
    write(Register.interruptEnable, Bits.receivedInterrupt)
    room = 0
  }

  /// The next byte received, if there is one.
  func receive() -> UInt8? {
    guard read(Register.lineStatus) & Bits.dataReady != 0 else { return nil }
    return read(Register.data)
  }

  /// Transmits a byte, waiting until the port takes it; false when it never does.
  mutating func transmit(_ byte: UInt8) -> Bool {
    if room == 0 {
      var patience = Self.patience
      while read(Register.lineStatus) & Bits.transmitterEmpty == 0 {
        patience -= 1
        guard patience > 0 else { return false }
      }
      room = Self.transmitDepth
    }
    write(Register.data, byte)
    room -= 1
    return true
  }

  private func read(_ register: UInt) -> UInt8 {
    VolatileMappedRegister<UInt8>(unsafeBitPattern: base &+ register).load()
  }

  private func write(_ register: UInt, _ value: UInt8) {
    VolatileMappedRegister<UInt8>(unsafeBitPattern: base &+ register).store(value)
  }
}
