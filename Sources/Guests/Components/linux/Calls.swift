// Linux's system calls, those that small programs make, in the terms of this system.
//
// Numbers and meaning: Linux, include/uapi/asm-generic/unistd.h. Error numbers are the same in both systems.

import Interfaces
import Transport

/// The numbers.
private enum Number {
  static var ioctl: UInt64 { 29 }
  static var openat: UInt64 { 56 }
  static var close: UInt64 { 57 }
  static var lseek: UInt64 { 62 }
  static var read: UInt64 { 63 }
  static var write: UInt64 { 64 }
  static var exit: UInt64 { 93 }
  static var exitGroup: UInt64 { 94 }
  static var setTIDAddress: UInt64 { 96 }
  static var clockGettime: UInt64 { 113 }
  static var schedYield: UInt64 { 124 }
  static var uname: UInt64 { 160 }
  static var getpid: UInt64 { 172 }
  static var brk: UInt64 { 214 }
}

/// Linux's error for an `ioctl` on what is no terminal; this system has none of it.
private var notTerminal: Int64 { -25 }
/// Bytes moved at a time between a program and a file.
private var chunk: UInt64 { 512 }

@c @implementation
func linux_perform(_ task: UInt64, _ call: UnsafePointer<linux_call>) -> linux_answer {
  let a = call.pointee.arguments
  switch call.pointee.number {
  case Number.exit, Number.exitGroup:
    closeFiles(of: task)
    return linux_answer(value: Int64(Int32(truncatingIfNeeded: a.0) & 255), ends: 1)
  case Number.openat: return answer(open(task, path: a.1, flags: a.2))
  case Number.close: return answer(close(task, a.0))
  case Number.lseek:
    // Only from the start: this system's files do not tell where they stand.
    guard a.2 == 0 else { return answer(ErrorCode.invalid.result) }
    return answer(withFile(task, a.0) { sys_seek($0, a.1) })
  case Number.read: return answer(withFile(task, a.0) { read(task, $0, a.1, a.2) })
  case Number.write: return answer(withFile(task, a.0) { write(task, $0, a.1, a.2) })
  case Number.ioctl: return answer(notTerminal)
  case Number.getpid, Number.setTIDAddress: return answer(Int64(task))
  case Number.schedYield: return answer(sys_yield())
  case Number.clockGettime: return answer(time(task, a.1))
  case Number.uname: return answer(name(task, a.0))
  case Number.brk: return answer(moveBreak(of: task, to: a.0))
  default: return answer(ErrorCode.notImplemented.result)
  }
}

private func answer(_ value: Int64) -> linux_answer { linux_answer(value: value, ends: 0) }

// MARK: Files

private func read(_ task: UInt64, _ descriptor: UInt64, _ destination: UInt64, _ length: UInt64) -> Int64 {
  var bytes = InlineArray<512, UInt8>(repeating: 0)
  return withUnsafeMutableBytes(of: &bytes) { buffer in
    let place = buffer.baseAddress.unsafelyUnwrapped
    var done: UInt64 = 0
    while done < length {
      let wanted = min(chunk, length &- done)
      let count = sys_read(descriptor, place, wanted)
      if count < 0 { return done > 0 ? Int64(done) : count }
      guard count > 0 else { break }
      guard space_write(task, destination &+ done, place, UInt64(count)) == 0 else {
        return ErrorCode.badAddress.result
      }
      done &+= UInt64(count)
      // A short read is the end of a file, or of a line.
      if UInt64(count) < wanted { break }
    }
    return Int64(done)
  }
}

private func write(_ task: UInt64, _ descriptor: UInt64, _ source: UInt64, _ length: UInt64) -> Int64 {
  var bytes = InlineArray<512, UInt8>(repeating: 0)
  return withUnsafeMutableBytes(of: &bytes) { buffer in
    let place = buffer.baseAddress.unsafelyUnwrapped
    var done: UInt64 = 0
    while done < length {
      let part = min(chunk, length &- done)
      guard space_read(task, source &+ done, place, part) == 0 else { return ErrorCode.badAddress.result }
      let count = sys_write(descriptor, place, part)
      if count < 0 { return done > 0 ? Int64(done) : count }
      done &+= UInt64(count)
      if UInt64(count) < part { break }
    }
    return Int64(done)
  }
}

/// Opens a file; the program's own lowest free number for it.
private func open(_ task: UInt64, path: UInt64, flags: UInt64) -> Int64 {
  var bytes = InlineArray<256, UInt8>(repeating: 0)
  return withUnsafeMutableBytes(of: &bytes) { buffer in
    let place = buffer.baseAddress.unsafelyUnwrapped
    var length: UInt64 = 0
    // Byte by byte: the page behind the name's end may not be there.
    while true {
      guard space_read(task, path &+ length, place + Int(length), 1) == 0 else { return ErrorCode.badAddress.result }
      if place.load(fromByteOffset: Int(length), as: UInt8.self) == 0 { break }
      length &+= 1
      guard length < 256 else { return ErrorCode.nameTooLong.result }
    }
    let descriptor = sys_open(place, length, openFlags(flags).rawValue)
    return descriptor < 0 ? descriptor : keep(UInt64(descriptor), for: task)
  }
}

/// Linux's O_ bits (include/uapi/asm-generic/fcntl.h) as this system's.
private func openFlags(_ bits: UInt64) -> OpenFlags {
  var flags: OpenFlags = []
  if bits & 3 != 0 { flags.insert(.write) }
  if bits & 0o100 != 0 { flags.insert(.create) }
  if bits & 0o1000 != 0 { flags.insert(.truncate) }
  if bits & 0o2000 != 0 { flags.insert(.append) }
  return flags
}

// MARK: The rest

/// The clock, as seconds and nanoseconds.
private func time(_ task: UInt64, _ destination: UInt64) -> Int64 {
  let ticks = ipc_time()
  var result = (ticks / 10_000_000, ticks % 10_000_000 &* 100)
  return withUnsafeBytes(of: &result) {
    space_write(task, destination, $0.baseAddress.unsafelyUnwrapped, 16)
  }
}

/// Fills `struct utsname`: six texts in 65 bytes each.
private func name(_ task: UInt64, _ destination: UInt64) -> Int64 {
  var result = put("Linux", task, destination)
  if result == 0 { result = put("kernelarium", task, destination &+ 65) }
  if result == 0 { result = put("6.1-subsystem", task, destination &+ 130) }
  if result == 0 { result = put("#1", task, destination &+ 195) }
  if result == 0 { result = put("riscv64", task, destination &+ 260) }
  if result == 0 { result = put("(none)", task, destination &+ 325) }
  return result
}

/// Writes a text and the zero that ends it.
private func put(_ text: StaticString, _ task: UInt64, _ destination: UInt64) -> Int64 {
  space_write(task, destination, text.utf8Start, UInt64(text.utf8CodeUnitCount) &+ 1)
}
