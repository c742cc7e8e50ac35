// What the run loop computes with the host's arithmetic, against soft-float: equal bits wherever it gives an answer, and
// no flag that was not set before. That it answers often enough is checked, too.

import Testing

@testable import Machine

@Suite struct HostArithmeticTests {
  private typealias Operation = (UInt64, UInt64, UInt64) -> UInt64?
  private typealias Reference = (inout SoftFloat, UInt64, UInt64) -> UInt64

  private static let inexact = FloatingPointFlags.inexact.rawValue

  private func compare(_ format: FloatingPointFormat, _ host: Operation, _ reference: Reference) {
    var random = Random(seed: 11)
    var answers = 0
    for _ in 0..<100_000 {
      let (left, right) = (random.boxedOperand(format), random.boxedOperand(format))
      for fcsr in [0, Self.inexact] {
        guard let result = host(left, right, fcsr) else { continue }
        answers += 1
        var unit = SoftFloat(format)
        let expected = format.boxed(reference(&unit, format.unboxed(left), format.unboxed(right)))
        let raises = unit.flags.rawValue & ~fcsr != 0
        if result != expected || raises {
          Issue.record("\(String(left, radix: 16)) \(String(right, radix: 16)), fcsr \(fcsr): \(unit.flags)")
          return
        }
      }
    }
    #expect(answers > 50_000)
  }

  @Test func doublesEqualSoftFloat() {
    compare(.double, HostArithmetic.addDouble) { $0.add($1, $2) }
    compare(.double, HostArithmetic.subtractDouble) { $0.subtract($1, $2) }
    compare(.double, HostArithmetic.multiplyDouble) { $0.multiply($1, $2) }
    compare(.double, HostArithmetic.divideDouble) { $0.divide($1, $2) }
  }

  @Test func singlesEqualSoftFloat() {
    compare(.single, HostArithmetic.addSingle) { $0.add($1, $2) }
    compare(.single, HostArithmetic.subtractSingle) { $0.subtract($1, $2) }
    compare(.single, HostArithmetic.multiplySingle) { $0.multiply($1, $2) }
  }

  @Test func exactResultsAreRecognised() {
    let (three, four) = ((3.0).bitPattern, (4.0).bitPattern)
    #expect(HostArithmetic.addDouble(three, four, 0) == (7.0).bitPattern)
    #expect(HostArithmetic.multiplyDouble(three, four, 0) == (12.0).bitPattern)
    #expect(HostArithmetic.divideDouble(three, four, 0) == (0.75).bitPattern)
    #expect(HostArithmetic.divideDouble(four, three, 0) == nil)
    #expect(HostArithmetic.addDouble((0.1).bitPattern, (0.2).bitPattern, 0) == nil)
  }
}
