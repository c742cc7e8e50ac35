// Why a kernel panicked, from the trap's registers and its stack, at the first instruction of its panic function.

import GuestABI
import Machine
import RISCV

extension System {
  /// Bytes of a kernel stack that are searched for return addresses.
  private static let stackSearch = 16384

  /// Reads the cause of a panic; the machine stands at `Observation.panic`.
  func diagnosePanic() -> PanicReport {
    let task = currentTaskName
    let reason = machine[register: 10]
    guard reason == 0 else {
      let caller = machine[register: 1]
      let cause = text(at: reason)
      detected(by: "the kernel (\(cause))", task: nil)
      return PanicReport(
        cause: cause, privilege: "S", location: location(of: caller &- 4),
        backtrace: backtrace(from: caller &- 4), task: task)
    }
    let cause = controlRegister(.scause)
    let pc = controlRegister(.sepc)
    let fromSupervisor = controlRegister(.sstatus) & 1 << 8 != 0
    detected(by: "\(CauseName.detector(scause: cause)) (\(CauseName.of(scause: cause)))", task: nil)
    return PanicReport(
      cause: CauseName.of(scause: cause), code: cause, address: controlRegister(.stval),
      privilege: fromSupervisor ? "S" : "U", location: location(of: pc), backtrace: backtrace(from: pc), task: task)
  }

  /// A zero-terminated text of at most 200 bytes.
  private func text(at address: UInt64) -> String {
    var bytes: [UInt8] = []
    while bytes.count < 200, let byte = read(address &+ UInt64(bytes.count), count: 1, satp: currentSatp)?.first,
      byte != 0
    {
      bytes.append(byte)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The kernel functions that had not returned, innermost first.
  ///
  /// The guests keep no frame pointers. A word of the stack is taken for a return address when the instruction before it
  /// calls the very function that is innermost so far, so a stale word hardly ever passes; a tail call ends the list.
  func backtrace(from pc: UInt64) -> [CodeLocation] {
    guard pc >= Layout.userEnd else { return [location(of: pc)] }
    var frames = [location(of: pc)]
    guard var function = image.kernel.elf.symbols.covering(pc)?.symbol.address else { return frames }
    let stack = machine[register: 2]
    for offset in stride(from: UInt64(0), to: UInt64(Self.stackSearch), by: 8) {
      guard let word = read(stack &+ offset, count: 8, satp: currentSatp)?.word(at: 0) else { break }
      guard callTarget(before: word) == function,
        let caller = image.kernel.elf.symbols.covering(word &- 1)?.symbol.address
      else { continue }
      frames.append(location(of: word &- 1))
      function = caller
    }
    return frames
  }

  /// The function that the instruction before a return address calls directly; nil for anything else.
  private func callTarget(before returnAddress: UInt64) -> UInt64? {
    guard image.kernel.section(at: returnAddress)?.isExecutable == true,
      let bytes = image.kernel.bytes(at: returnAddress &- 8, count: 8), let pair = bytes.word(at: 0)
    else { return nil }
    let first = UInt32(truncatingIfNeeded: pair)
    let second = UInt32(truncatingIfNeeded: pair >> 32)
    // jal ra, offset
    if second & 0xfff == 0x0ef {
      let offset = Self.jumpOffset(second)
      return returnAddress &- 4 &+ UInt64(bitPattern: offset)
    }
    // auipc ra, high; jalr ra, low(ra)
    if first & 0xfff == 0x097, second & 0xfffff == 0x080e7 {
      let high = Int64(Int32(bitPattern: first & 0xffff_f000))
      let low = Int64(Int32(bitPattern: second) >> 20)
      return returnAddress &- 8 &+ UInt64(bitPattern: high + low)
    }
    return nil
  }

  /// The offset of a J-type instruction (unprivileged specification 2.3).
  private static func jumpOffset(_ word: UInt32) -> Int64 {
    let value =
      (word >> 31 & 1) << 20 | (word >> 12 & 0xff) << 12 | (word >> 20 & 1) << 11 | (word >> 21 & 0x3ff) << 1
    return Int64(Int32(bitPattern: value << 11) >> 11)
  }
}
