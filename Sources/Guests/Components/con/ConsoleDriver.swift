// The console driver: readers wait for whole lines, writers until the serial port has taken their bytes. Bytes go out
// as they are; a terminal that wants a carriage return with each newline has to add it.
//
// Callers must keep a request alive until it is completed or forgotten.

import Interfaces

/// The driver's state.
struct ConsoleDriver {
  /// Bytes copied at a time from or to a client.
  private static var chunk: Int { 128 }
  /// Keys taken in one interrupt, so that a port that never runs dry cannot keep the processor.
  private static var keysAtATime: Int { 64 }

  private var port = SerialPort()
  private var interrupt: UInt64 = 0
  private var lines = LineDiscipline()
  /// Pending readers in the order of their arrival.
  private var firstReader: UnsafeMutablePointer<env_request>?
  private var lastReader: UnsafeMutablePointer<env_request>?

  /// Whether a port was found.
  var isReady: Bool { port.base != 0 }
  /// Whether a reader would not have to wait.
  var hasLine: Bool { lines.hasLine }

  /// Whether a reader waits for a line.
  var hasReader: Bool { firstReader != nil }

  mutating func start() throws(ErrorCode) {
    var device = env_device(registers: nil, interrupt: 0)
    let found = env_find_device(UInt64(ENV_DEVICE_CONSOLE), &device)
    guard found >= 0 else { throw ErrorCode(rawValue: 0 &- found) ?? .notFound }
    guard let registers = device.registers else { throw .notFound }
    port.base = UInt(bitPattern: registers)
    interrupt = device.interrupt
    let enabled = env_enable_interrupt(interrupt)
    guard enabled >= 0 else { throw ErrorCode(rawValue: 0 &- enabled) ?? .inputOutput }
    port.start()
  }

  mutating func write(_ client: UInt64, _ source: user_address, _ length: UInt64) throws(ErrorCode) {
    guard isReady else { throw .inputOutput }
    var bytes = InlineArray<128, UInt8>(repeating: 0)
    var written: UInt64 = 0
    while written < length {
      let count = min(length - written, UInt64(Self.chunk))
      guard env_copy_in(client, &bytes, source &+ written, count) >= 0 else { throw .badAddress }
      for index in 0..<Int(count) {
        guard port.transmit(bytes[index]) else { throw .inputOutput }
      }
      written += count
    }
  }

  mutating func enqueue(_ reader: UnsafeMutablePointer<env_request>) {
    reader.pointee.next = nil
    if let last = lastReader { last.pointee.next = reader } else { firstReader = reader }
    lastReader = reader
  }

  /// Completes readers while there are lines.
  mutating func deliver() {
    while lines.hasLine, let reader = firstReader {
      firstReader = reader.pointee.next
      if firstReader == nil { lastReader = nil }
      let request = UnsafeMutableRawPointer(reader).assumingMemoryBound(to: con_request.self)
      env_complete(reader, copyLine(to: request.pointee))
    }
  }

  /// Copies the first line, or as much of it as fits, to the reader; the number of bytes or a negated error.
  private mutating func copyLine(to request: con_request) -> Int64 {
    var bytes = InlineArray<128, UInt8>(repeating: 0)
    var copied: UInt64 = 0
    var atEnd = false
    while !atEnd, copied < request.length {
      let room = Int(min(request.length - copied, UInt64(Self.chunk)))
      var count = 0
      while count < room {
        guard let byte = lines.takeByte() else {
          atEnd = true
          break
        }
        bytes[count] = byte
        count += 1
        if LineDiscipline.endsLine(byte) {
          atEnd = true
          break
        }
      }
      guard count > 0 else { break }
      guard env_copy_out(request.base.client, request.destination &+ copied, &bytes, UInt64(count)) >= 0 else {
        return ErrorCode.badAddress.result
      }
      copied += UInt64(count)
    }
    if !atEnd { lines.dropMark() }
    return Int64(copied)
  }

  mutating func forget(_ client: UInt64) {
    var kept: UnsafeMutablePointer<env_request>?
    var reader = firstReader
    firstReader = nil
    while let current = reader {
      reader = current.pointee.next
      current.pointee.next = nil
      guard current.pointee.client != client else {
        env_complete(current, ErrorCode.noSuchTask.result)
        continue
      }
      if let last = kept { last.pointee.next = current } else { firstReader = current }
      kept = current
    }
    lastReader = kept
  }

  mutating func takeKeys() {
    guard isReady else { return }
    for _ in 0..<Self.keysAtATime {
      guard let key = port.receive() else { break }
      show(lines.type(key))
    }
    deliver()
    env_finish_interrupt(interrupt)
  }

  /// An echo that the port does not take is lost, as on any line that is cut.
  private mutating func show(_ echo: Echo) {
    switch echo {
    case .nothing: break
    case .byte(let byte): _ = port.transmit(byte)
    case .erase(let count):
      for _ in 0..<count {
        guard port.transmit(0x08), port.transmit(0x20), port.transmit(0x08) else { return }
      }
    }
  }
}

/// Bytes of an instance.
@c @implementation
public func con_size() -> UInt64 {
  UInt64(MemoryLayout<ConsoleDriver>.stride)
}

/// Finds and sets up the serial port; whatever state an earlier incarnation left in `driver` is ignored.
@c @implementation
public func con_init(_ driver: OpaquePointer) -> Int64 {
  let state = UnsafeMutablePointer<ConsoleDriver>(driver)
  state.initialize(to: ConsoleDriver())
  do throws(ErrorCode) {
    try state.pointee.start()
    return 0
  } catch {
    return error.result
  }
}

/// Transmits the client's bytes and returns their number.
@c @implementation
public func con_write(_ driver: OpaquePointer, _ client: UInt64, _ source: user_address, _ length: UInt64) -> Int64 {
  guard length <= UInt64(Int64.max) else { return ErrorCode.invalid.result }
  do throws(ErrorCode) {
    try UnsafeMutablePointer<ConsoleDriver>(driver).pointee.write(client, source, length)
    return Int64(length)
  } catch {
    return error.result
  }
}

/// Queues a reader for the next line, and completes it at once when there is one.
@c @implementation
public func con_submit_read(_ driver: OpaquePointer, _ request: UnsafeMutablePointer<con_request>) -> Int64 {
  let state = UnsafeMutablePointer<ConsoleDriver>(driver)
  let reader = UnsafeMutableRawPointer(request).assumingMemoryBound(to: env_request.self)
  guard state.pointee.isReady else { return ErrorCode.inputOutput.result }
  guard request.pointee.length > 0 else {
    env_complete(reader, 0)
    return 0
  }
  state.pointee.enqueue(reader)
  state.pointee.deliver()
  return 0
}

/// Whether a line is there.
@c @implementation
public func con_poll(_ driver: OpaquePointer) -> Int64 {
  let state = UnsafeMutablePointer<ConsoleDriver>(driver)
  guard state.pointee.isReady else { return ErrorCode.inputOutput.result }
  return state.pointee.hasLine ? 1 : 0
}

/// Ends the client's pending reads.
@c @implementation
public func con_forget(_ driver: OpaquePointer, _ client: UInt64) {
  UnsafeMutablePointer<ConsoleDriver>(driver).pointee.forget(client)
}

/// 1 while a reader waits for a line.
@c @implementation
public func con_waiting(_ driver: OpaquePointer) -> UInt64 {
  UnsafeMutablePointer<ConsoleDriver>(driver).pointee.hasReader ? 1 : 0
}

/// Takes the keys that have arrived.
@c @implementation
public func con_interrupt(_ driver: OpaquePointer) {
  UnsafeMutablePointer<ConsoleDriver>(driver).pointee.takeKeys()
}
