// The host's own arithmetic in a rounding mode, with the exceptions it raises: what the soft-float code is compared with.

import Foundation

@testable import Machine

/// The names that the host's header gives to modes and exceptions.
private enum HostName {
  static let nearest: Int32 = FE_TONEAREST
  static let towardZero: Int32 = FE_TOWARDZERO
  static let down: Int32 = FE_DOWNWARD
  static let up: Int32 = FE_UPWARD
  static let inexact: Int32 = FE_INEXACT
  static let underflow: Int32 = FE_UNDERFLOW
  static let overflow: Int32 = FE_OVERFLOW
  static let divideByZero: Int32 = FE_DIVBYZERO
  static let invalid: Int32 = FE_INVALID
  static let all = inexact | underflow | overflow | divideByZero | invalid
}

/// Operations that hosts have.
enum HostOperation: CaseIterable, Sendable {
  case add, subtract, multiply, divide, squareRoot, multiplyAdd
}

/// What hosts store numbers as.
protocol HostNumber: BinaryFloatingPoint {
  static var format: FloatingPointFormat { get }
  init(hostBits: UInt64)
  var hostBits: UInt64 { get }
}

extension Double: HostNumber {
  static var format: FloatingPointFormat { .double }
  init(hostBits: UInt64) { self.init(bitPattern: hostBits) }
  var hostBits: UInt64 { bitPattern }
}

extension Float: HostNumber {
  static var format: FloatingPointFormat { .single }
  init(hostBits: UInt64) { self.init(bitPattern: UInt32(truncatingIfNeeded: hostBits)) }
  var hostBits: UInt64 { UInt64(bitPattern) }
}

/// Computes on the host.
///
/// Operands and results go through memory that the functions which change and read the environment might use, too: so
/// the compiler cannot move the computation out from between them.
struct HostEnvironment<Number: HostNumber>: ~Copyable {
  private let cells = UnsafeMutablePointer<Number>.allocate(capacity: 4)

  init() { cells.initialize(repeating: 0, count: 4) }

  deinit { cells.deallocate() }

  /// Rounding modes that hosts have, too.
  static var modes: [RoundingMode] { [.nearestTiesToEven, .towardZero, .down, .up] }

  func perform(
    _ operation: HostOperation, _ operands: [UInt64], _ mode: RoundingMode
  ) -> (bits: UInt64, flags: FloatingPointFlags) {
    for index in 0..<3 { cells[index] = Number(hostBits: operands[index]) }
    let flags = inMode(mode) {
      switch operation {
      case .add: $0[3] = $0[0] + $0[1]
      case .subtract: $0[3] = $0[0] - $0[1]
      case .multiply: $0[3] = $0[0] * $0[1]
      case .divide: $0[3] = $0[0] / $0[1]
      case .squareRoot: $0[3] = $0[0].squareRoot()
      case .multiplyAdd: $0[3] = $0[2].addingProduct($0[0], $0[1])
      }
    }
    return (cells[3].isNaN ? Number.format.canonicalNaN : cells[3].hostBits, flags)
  }

  /// The number rounded to an integer, still as a number.
  func roundToInteger(_ bits: UInt64, _ mode: RoundingMode) -> Number {
    cells[0] = Number(hostBits: bits)
    _ = inMode(mode) { $0[3] = Number(rint(Double($0[0]))) }
    return cells[3]
  }

  func convert(_ integer: Int64, _ mode: RoundingMode) -> (bits: UInt64, flags: FloatingPointFlags) {
    let source = UnsafeMutablePointer<Int64>.allocate(capacity: 1)
    defer { source.deallocate() }
    source.initialize(to: integer)
    let flags = inMode(mode) { $0[3] = Number(source.pointee) }
    return (cells[3].hostBits, flags)
  }

  @inline(never)
  func inMode(_ mode: RoundingMode, _ body: (UnsafeMutablePointer<Number>) -> Void) -> FloatingPointFlags {
    let number =
      switch mode {
      case .towardZero: HostName.towardZero
      case .down: HostName.down
      case .up: HostName.up
      default: HostName.nearest
      }
    _ = feclearexcept(HostName.all)
    _ = fesetround(number)
    body(cells)
    let raised = fetestexcept(HostName.all)
    _ = fesetround(HostName.nearest)
    var flags: FloatingPointFlags = []
    if raised & HostName.inexact != 0 { flags.insert(.inexact) }
    if raised & HostName.underflow != 0 { flags.insert(.underflow) }
    if raised & HostName.overflow != 0 { flags.insert(.overflow) }
    if raised & HostName.divideByZero != 0 { flags.insert(.divideByZero) }
    if raised & HostName.invalid != 0 { flags.insert(.invalid) }
    return flags
  }
}
