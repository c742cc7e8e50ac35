// Changed instructions of a driver: where they go and what they are. The same function, offset and bytes in every structure.
//
// Works on the image's bytes, so that a fault's place does not depend on what a guest did before.

import GuestABI
import Machine

/// Replaced instructions in a loaded image.
struct CodePatch {
  /// The image whose code is patched.
  let image: String
  /// The first replaced byte, virtual.
  let address: UInt64
  let original: [UInt8]
  let replacement: [UInt8]
  /// Where the patched text lies in memory; a restarted driver's text lies elsewhere.
  var copies: [UInt64]
  /// The only address space in which the text is patched, when several tasks run the image; nil for all.
  var space: UInt64?

  /// The addresses of the replacing instructions, all four bytes long.
  var instructions: [UInt64] {
    stride(from: address, to: address + UInt64(replacement.count), by: 4).map { $0 }
  }
}

/// The instructions that faults consist of (unprivileged specification, chapters 2 and 5).
enum FaultCode {
  /// `ld zero, 0(zero)`: no register changes, only the access counts.
  static let nullRead: [UInt32] = [0x0000_3003]
  /// `j .`, a jump to itself.
  static let loop: [UInt32] = [0x0000_006f]

  /// Stores zero to an address below 0xffff_f000 through `t0`, which a function need not preserve.
  static func wildWrite(to address: UInt64) -> [UInt32] {
    // `lui` sign-extends bit 31, so half the address is loaded and doubled.
    let half = UInt32(truncatingIfNeeded: address >> 1)
    let high = (half &+ 0x800) & 0xffff_f000
    let low = half &- high
    let oddByte = UInt32(truncatingIfNeeded: address & 1)
    return [
      high | 5 << 7 | 0x37,  // lui t0, high
      (low & 0xfff) << 20 | 5 << 15 | 5 << 7 | 0x13,  // addi t0, t0, low
      1 << 20 | 5 << 15 | 1 << 12 | 5 << 7 | 0x13,  // slli t0, t0, 1
      oddByte << 7 | 5 << 15 | 3 << 12 | 0x23,  // sd zero, oddByte(t0)
    ]
  }

  static func bytes(_ words: [UInt32]) -> [UInt8] {
    words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } }
  }

  /// The offset of the first four bytes behind a function's prologue that hold whole instructions, one or two, on the way
  /// that every call takes.
  ///
  /// The prologue moves the stack pointer and saves registers. Behind a branch or jump an instruction may not be reached,
  /// so the search ends there; nil when there is nothing before.
  static func offsetBehindPrologue(_ code: [UInt8]) -> Int? {
    var offset = 0
    var inPrologue = true
    while offset + 4 <= code.count {
      let half = UInt16(code[offset]) | UInt16(code[offset + 1]) << 8
      let next = UInt16(code[offset + 2]) | UInt16(code[offset + 3]) << 8
      let isCompressed = half & 3 != 3
      let isSave = isCompressed ? isPrologue(compressed: half) : isPrologue(UInt32(half) | UInt32(next) << 16)
      if !isSave { inPrologue = false }
      if isCompressed, isControlTransfer(compressed: half) { return nil }
      if !inPrologue, !isCompressed || next & 3 != 3 { return offset }
      offset += isCompressed ? 2 : 4
    }
    return nil
  }

  private static func isPrologue(_ word: UInt32) -> Bool {
    let usesStack = word >> 15 & 31 == 2
    let movesStack = word & 0xfff == 0x113 && usesStack
    let saves = word & 0x7f == 0x23 && usesStack
    return movesStack || saves
  }

  private static func isPrologue(compressed half: UInt16) -> Bool {
    let quadrant = half & 3
    let function = half >> 13
    let movesStack = quadrant == 1 && (function == 3 || function == 0) && half >> 7 & 31 == 2
    let saves = quadrant == 2 && (function == 7 || function == 6)
    return movesStack || saves
  }

  private static func isControlTransfer(compressed half: UInt16) -> Bool {
    let quadrant = half & 3
    let function = half >> 13
    if quadrant == 1 { return function >= 5 }
    return quadrant == 2 && function == 4 && half >> 2 & 31 == 0 && half >> 7 & 31 != 0
  }
}
