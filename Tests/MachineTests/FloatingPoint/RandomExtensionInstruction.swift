// Random instructions of F, D, Zba, Zbb and Zbs for the random programs that compare the two execution paths.

@testable import Machine

extension Random {
  /// A floating-point load, store, operation or CSR access.
  ///
  /// - Parameters:
  ///   - destination: an integer register that may be written.
  ///   - pointer: an integer register that most likely holds an address.
  mutating func floatingPointInstruction(destination: UInt64, pointer: UInt64) -> UInt64 {
    let (first, second, target) = (below(32), below(32), below(32))
    // Mostly the dynamic rounding mode, as compilers use it.
    let rounding = chance(3, in: 4) ? 7 : below(8)
    let format = below(12) == 0 ? below(4) : below(2)
    let sources = first << 15 | second << 20
    switch below(16) {
    case 0, 1, 2: return below(256) << 20 | pointer << 15 | (2 + below(2)) << 12 | target << 7 | 0x07
    case 3, 4: return below(8) << 25 | second << 20 | pointer << 15 | (2 + below(2)) << 12 | below(32) << 7 | 0x27
    case 5, 6, 7:
      let opcode = 0x43 | below(4) << 2
      return below(32) << 27 | format << 25 | sources | rounding << 12 | target << 7 | opcode
    case 8, 9, 10, 11: return below(4) << 27 | format << 25 | sources | rounding << 12 | target << 7 | 0x53
    case 12:
      let function: UInt64 = [4, 5, 0x14][Int(below(3))]
      let result = function == 0x14 ? destination : target
      return function << 27 | format << 25 | sources | below(3) << 12 | result << 7 | 0x53
    case 13, 14:
      let function: UInt64 = [0x0b, 0x08, 0x18, 0x18, 0x1a, 0x1c, 0x1e][Int(below(7))]
      let givesInteger = function == 0x18 || function == 0x1c
      let mode = function >= 0x1c ? below(2) : function == 0x18 && chance(1, in: 2) ? 1 : rounding
      let result = givesInteger ? destination : target
      return function << 27 | format << 25 | first << 15 | below(4) << 20 | mode << 12 | result << 7 | 0x53
    default:
      // Reading and writing fcsr and its parts, and FS in sstatus.
      let number: UInt64 = [1, 2, 3, 0x100][Int(below(4))]
      return number << 20 | first << 15 | (1 + below(3)) << 12 | destination << 7 | 0x73
    }
  }

  /// An instruction of one of the bit-manipulation extensions, or a reserved one beside them.
  mutating func bitManipulationInstruction(destination: UInt64) -> UInt64 {
    let functions: [UInt64] = [0x04, 0x05, 0x10, 0x14, 0x20, 0x24, 0x28, 0x30, 0x34, 0x35]
    let function = functions[Int(below(UInt64(functions.count)))]
    let opcode: UInt64 = [0x13, 0x1b, 0x33, 0x3b][Int(below(4))]
    return function << 25 | below(32) << 20 | below(32) << 15 | below(8) << 12 | destination << 7 | opcode
  }
}
