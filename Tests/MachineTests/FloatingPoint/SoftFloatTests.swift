// The soft-float code against the host's arithmetic, and, for the rounding mode that hosts lack, against the others.

import Testing

@testable import Machine

@Suite struct SoftFloatTests {
  static let rounds = 40_000

  @Test(arguments: HostOperation.allCases)
  func doublesAreWhatTheHostComputes(operation: HostOperation) { compare(operation, HostEnvironment<Double>()) }

  @Test(arguments: HostOperation.allCases)
  func singlesAreWhatTheHostComputes(operation: HostOperation) { compare(operation, HostEnvironment<Float>()) }

  private func compare<Number>(_ operation: HostOperation, _ host: borrowing HostEnvironment<Number>) {
    let format = Number.format
    var random = Random(seed: 1)
    var raised: Set<FloatingPointFlags> = []
    var failures = 0
    for _ in 0..<Self.rounds {
      let operands = (0..<3).map { _ in random.operand(format) }
      for mode in HostEnvironment<Number>.modes {
        var unit = SoftFloat(format, mode)
        let result = Self.perform(operation, operands, &unit)
        let computed = host.perform(operation, operands, mode)
        let expected = computed.bits
        var flags = computed.flags
        if operation == .multiplyAdd { flags = Self.adjusted(flags, operands, format) }
        if !Self.detectsTininessAfterRounding {
          (flags, unit.flags) = (flags.subtracting(.underflow), unit.flags.subtracting(.underflow))
        }
        raised.insert(flags)
        if result != expected || unit.flags != flags { failures += 1 }
        if (result != expected || unit.flags != flags) && failures < 5 {
          Issue.record(
            """
            \(operation) \(mode) \(operands.map { String($0, radix: 16) }): \(String(result, radix: 16)) \(unit.flags), \
            the host says \(String(expected, radix: 16)) \(flags)
            """)
        }
      }
    }
    #expect(failures == 0)
    #expect(raised.count >= 3, "the operands are worth something only if they raise exceptions")
  }

  /// RISC-V raises invalid for infinity times zero plus a quiet NaN; hosts may or may not.
  private static func adjusted(
    _ flags: FloatingPointFlags, _ operands: [UInt64], _ format: FloatingPointFormat
  ) -> FloatingPointFlags {
    let kinds = operands.map { UnpackedNumber($0, format).kind }
    let isInvalid = kinds[0] == .infinity && kinds[1] == .zero || kinds[0] == .zero && kinds[1] == .infinity
    return isInvalid ? flags.union(.invalid) : flags
  }

  /// True for x86, as for RISC-V; ARM looks before rounding.
  private static var detectsTininessAfterRounding: Bool {
    #if arch(x86_64)
      true
    #else
      false
    #endif
  }

  static func perform(_ operation: HostOperation, _ operands: [UInt64], _ unit: inout SoftFloat) -> UInt64 {
    switch operation {
    case .add: unit.add(operands[0], operands[1])
    case .subtract: unit.subtract(operands[0], operands[1])
    case .multiply: unit.multiply(operands[0], operands[1])
    case .divide: unit.divide(operands[0], operands[1])
    case .squareRoot: unit.squareRoot(operands[0])
    case .multiplyAdd: unit.multiplyAdd(operands[0], operands[1], operands[2])
    }
  }

  @Test func conversionsBetweenFormatsAreWhatTheHostComputes() {
    let host = HostEnvironment<Double>()
    var random = Random(seed: 2)
    for _ in 0..<Self.rounds {
      let (wide, narrow) = (random.operand(.double), random.operand(.single))
      var widening = SoftFloat(.double)
      let widened = Double(Float(hostBits: narrow))
      #expect(
        widening.convert(narrow, from: .single)
          == (widened.isNaN ? FloatingPointFormat.double.canonicalNaN : widened.bitPattern))
      for mode in HostEnvironment<Double>.modes {
        var unit = SoftFloat(.single, mode)
        let result = unit.convert(wide, from: .double)
        var expected: UInt64 = 0
        let flags = host.inMode(mode) {
          $0[0] = Double(hostBits: wide)
          let single = Float($0[0])
          $0[3] = Double(single)
          expected = single.isNaN ? FloatingPointFormat.single.canonicalNaN : single.hostBits
        }
        #expect(result == expected, "\(String(wide, radix: 16)) \(mode)")
        #expect(unit.flags.subtracting(.underflow) == flags.subtracting(.underflow))
      }
    }
  }

  @Test func conversionsFromIntegersAreWhatTheHostComputes() {
    let doubles = HostEnvironment<Double>()
    let singles = HostEnvironment<Float>()
    var random = Random(seed: 3)
    for _ in 0..<Self.rounds {
      let integer = Int64(bitPattern: random.next()) >> Int64(random.below(64))
      for mode in HostEnvironment<Double>.modes {
        var double = SoftFloat(.double, mode)
        var single = SoftFloat(.single, mode)
        let results = (
          double.convert(UInt64(bitPattern: integer), from: .doubleword),
          single.convert(UInt64(bitPattern: integer), from: .doubleword)
        )
        let expected = (doubles.convert(integer, mode), singles.convert(integer, mode))
        #expect(results.0 == expected.0.bits && double.flags == expected.0.flags, "\(integer) \(mode)")
        #expect(results.1 == expected.1.bits && single.flags == expected.1.flags, "\(integer) \(mode)")
      }
    }
  }

  @Test func conversionsToIntegersRoundAndSaturate() {
    let host = HostEnvironment<Double>()
    var random = Random(seed: 4)
    func check<Integer: FixedWidthInteger>(
      _ bits: UInt64, _ type: IntegerOperand, _ mode: RoundingMode, as: Integer.Type
    ) {
      var unit = SoftFloat(.double, mode)
      let result = unit.convert(bits, to: type)
      let rounded = host.roundToInteger(bits, mode)
      let isExact = rounded == Double(hostBits: bits)
      let value: Integer
      let flags: FloatingPointFlags
      if let exact = Integer(exactly: rounded) {
        (value, flags) = (exact, isExact ? [] : .inexact)
      } else {
        (value, flags) = (rounded < 0 ? .min : .max, .invalid)
      }
      let expected = type.register(UInt64(truncatingIfNeeded: value))
      #expect(result == expected && unit.flags == flags, "\(String(bits, radix: 16)) \(type) \(mode)")
    }
    for _ in 0..<Self.rounds {
      let bits = random.operand(.double)
      for mode in HostEnvironment<Double>.modes {
        check(bits, .word, mode, as: Int32.self)
        check(bits, .unsignedWord, mode, as: UInt32.self)
        check(bits, .doubleword, mode, as: Int64.self)
        check(bits, .unsignedDoubleword, mode, as: UInt64.self)
      }
    }
  }

  /// Between two neighbours, away from ties, rounding to nearest does not depend on how ties are broken.
  @Test(arguments: HostOperation.allCases, [FloatingPointFormat.single, .double])
  func tiesToMaximumMagnitudeDiffersFromTiesToEvenInTiesOnly(operation: HostOperation, format: FloatingPointFormat) {
    var random = Random(seed: 5)
    var ties = 0
    for _ in 0..<Self.rounds {
      let operands = (0..<3).map { _ in random.operand(format) }
      let results = RoundingMode.allCases.map { mode in
        var unit = SoftFloat(format, mode)
        return (bits: Self.perform(operation, operands, &unit), flags: unit.flags)
      }
      let (even, zero, away) = (results[0], results[1], results[4])
      #expect(even.flags.subtracting(.underflow) == away.flags.subtracting(.underflow))
      if even.bits != away.bits {
        ties += 1
        // Even broke the tie toward zero, and the other one is the next number away from it.
        #expect(even.bits == zero.bits && even.bits & 1 == 0 && away.bits == even.bits + 1)
      }
      if !even.flags.contains(.inexact) && !even.flags.contains(.invalid) {
        let nonzero = even.bits & (format.signBit - 1) != 0
        let isSame = results.allSatisfy { $0.bits == even.bits }
        #expect(isSame || !nonzero, "exact results depend on the mode only in the sign of zero")
      }
    }
    // Quotients and roots are never half way between two normal numbers.
    if operation != .squareRoot && operation != .divide { #expect(ties > 10) }
  }

  @Test func classesAreTold() {
    let format = FloatingPointFormat.double
    let expected: [(Double, Int)] = [
      (-.infinity, 0), (-1.5, 1), (-.leastNonzeroMagnitude, 2), (-0.0, 3), (0.0, 4), (.leastNonzeroMagnitude, 5),
      (.leastNormalMagnitude, 6), (.infinity, 7), (.signalingNaN, 8), (.nan, 9),
    ]
    for (number, place) in expected { #expect(format.classMask(number.bitPattern) == 1 << place, "\(number)") }
  }

  @Test func comparisonsAreWhatTheHostSays() {
    var random = Random(seed: 6)
    for _ in 0..<Self.rounds {
      let bits = random.operand(.double)
      let other = random.chance(1, in: 8) ? bits : random.operand(.double)
      let (a, b) = (Double(bitPattern: bits), Double(bitPattern: other))
      var quiet = SoftFloat(.double)
      #expect(quiet.isEqual(bits, other) == (a == b))
      #expect(quiet.flags == (a.isSignalingNaN || b.isSignalingNaN ? .invalid : []))
      var signaling = SoftFloat(.double)
      #expect(signaling.isLess(bits, other) == (a < b))
      #expect(signaling.isLessOrEqual(bits, other) == (a <= b))
      #expect(signaling.flags == (a.isNaN || b.isNaN ? .invalid : []))
      var extremes = SoftFloat(.double)
      let (least, greatest) = (extremes.minimum(bits, other), extremes.maximum(bits, other))
      if a.isNaN && b.isNaN {
        #expect(least == FloatingPointFormat.double.canonicalNaN && greatest == least)
      } else if a.isNaN || b.isNaN {
        #expect(least == (a.isNaN ? other : bits) && greatest == least)
      } else if a == 0 && b == 0 {
        #expect(least == bits | other && greatest == bits & other)
      } else {
        #expect(least == min(a, b).bitPattern && greatest == max(a, b).bitPattern)
      }
    }
  }
}
