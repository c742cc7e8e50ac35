// The A extension (unprivileged specification 20191213, chapter 8). With one hart every instruction is atomic; ordering
// bits have nothing to order. Atomics work on RAM only: devices answer them with an access fault.

extension Machine {
  mutating func executeAtomic(_ word: UInt32) throws(Trap) {
    let size: Int
    switch word.funct3 {
    case 2: size = 4
    case 3: size = 8
    default: throw illegal(word)
    }
    let address = registers[word.rs1]
    switch word >> 27 {
    case 0x02:
      guard word.rs2 == 0 else { throw illegal(word) }
      let physical = try atomicAddress(address, size: size, .read)
      setRegister(word.rd, loaded(physical, size: size))
      hart.reservation = physical
    case 0x03:
      let physical = try atomicAddress(address, size: size, .write)
      let succeeds = hart.reservation == physical
      hart.reservation = nil
      if succeeds { writeMemory(physical, size: size, value: registers[word.rs2]) }
      setRegister(word.rd, succeeds ? 0 : 1)
    default:
      guard let operation = AtomicOperation(rawValue: word >> 27) else { throw illegal(word) }
      let physical = try atomicAddress(address, size: size, .write)
      let old = loaded(physical, size: size)
      let operand = size == 4 ? signExtendedWord(registers[word.rs2]) : registers[word.rs2]
      writeMemory(physical, size: size, value: operation.combine(old, operand))
      setRegister(word.rd, old)
    }
  }

  private func loaded(_ physical: UInt64, size: Int) -> UInt64 {
    let value = readMemory(physical, size: size)
    return size == 4 ? signExtendedWord(value) : value
  }
}

/// The read-modify-write operations, by their funct5.
private enum AtomicOperation: UInt32 {
  case add = 0x00
  case swap = 0x01
  case exclusiveOr = 0x04
  case or = 0x08
  case and = 0x0c
  case minimum = 0x10
  case maximum = 0x14
  case minimumUnsigned = 0x18
  case maximumUnsigned = 0x1c

  /// Both numbers are sign-extended for 32-bit operations, which keeps their unsigned order, too.
  func combine(_ old: UInt64, _ operand: UInt64) -> UInt64 {
    switch self {
    case .add: old &+ operand
    case .swap: operand
    case .exclusiveOr: old ^ operand
    case .or: old | operand
    case .and: old & operand
    case .minimum: Int64(bitPattern: old) < Int64(bitPattern: operand) ? old : operand
    case .maximum: Int64(bitPattern: old) > Int64(bitPattern: operand) ? old : operand
    case .minimumUnsigned: min(old, operand)
    case .maximumUnsigned: max(old, operand)
    }
  }
}
