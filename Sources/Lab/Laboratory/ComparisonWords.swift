// One sentence about where the difference between two kernels comes from, made of their counters and profiles.
//
// Every figure in it is counted; nothing is said that the figures do not say.

enum ComparisonWords {
  /// The parts of a difference that are named; the rest is summed up.
  private static let mostParts = 5

  /// The sentence, without the kernel's name and without a full stop.
  static func difference(of row: ComparisonRow, from base: ComparisonRow) -> String? {
    if let counters = row.counters, let other = base.counters {
      let total = signed(counters.instructions, other.instructions)
      var parts = events(counters, other)
      parts += shares(instructions(of: row), instructions(of: base), total: total)
      return sentence(total, unit: "instruction", parts: parts, base: base.kernel)
    }
    guard let sizes = row.sizes, let other = base.sizes else { return nil }
    return sentence(
      signed(sizes.privilegedBytes, other.privilegedBytes), unit: "privileged byte",
      parts: [
        count(signed(sizes.privilegedFunctions, other.privilegedFunctions), "privileged function"),
        count(signed(sizes.imageBytes, other.imageBytes), "byte of the image", "bytes of the image"),
      ].compactMap { $0 }, base: base.kernel)
  }

  private static func sentence(_ total: Int64, unit: String, parts: [String], base: String) -> String {
    let head =
      total == 0
      ? "as many \(unit)s as \(base)" : "\(plain(total)) \(unit)\(abs(total) == 1 ? "" : "s") against \(base)"
    return parts.isEmpty ? head : "\(head): \(parts.joined(separator: ", "))"
  }

  // MARK: Events

  private static func events(_ counters: CallCounters, _ base: CallCounters) -> [String] {
    [
      count(signed(counters.traps, base.traps), "trap"),
      count(
        signed(counters.addressSpaceSwitches, base.addressSpaceSwitches), "address-space switch",
        "address-space switches"),
      count(signed(counters.messages, base.messages), "message"),
      count(signed(counters.interrupts, base.interrupts), "interrupt"),
      count(signed(counters.bytesCopied, base.bytesCopied), "byte copied", "bytes copied"),
    ].compactMap { $0 }
  }

  /// `2 more traps`, `1 trap fewer`; nil for no difference.
  private static func count(_ difference: Int64, _ singular: String, _ plural: String? = nil) -> String? {
    guard difference != 0 else { return nil }
    let number = difference.magnitude
    let noun = number == 1 ? singular : plural ?? singular + "s"
    return difference > 0 ? "\(number.grouped) more \(noun)" : "\(number.grouped) \(noun) fewer"
  }

  // MARK: Instructions

  /// The instructions of a row by what they were for.
  private static func instructions(of row: ComparisonRow) -> [String: UInt64] {
    var sums: [String: UInt64] = [:]
    for share in row.components ?? [] { sums[purpose(of: share), default: 0] += share.instructions }
    return sums
  }

  /// What a component is there for, in words that mean the same in every structure.
  private static func purpose(of share: ComponentShare) -> String {
    switch (share.kind, share.component) {
    case ("server", _): "in server loops"
    case ("stub", _): "in stubs"
    case ("core", _): "in the structure's core"
    case ("program", _): "in the program itself"
    case (_, "entry"), (_, "return"), (_, "isolation"): "entering and leaving the kernel"
    case (_, "messages"): "in the kernel's message path"
    case (_, "memory"): "copying and clearing memory"
    default: "in \(share.component)"
    }
  }

  private static func shares(_ row: [String: UInt64], _ base: [String: UInt64], total: Int64) -> [String] {
    let differences = Set(row.keys).union(base.keys).map { name in
      (name: name, difference: signed(row[name] ?? 0, base[name] ?? 0))
    }.filter { $0.difference != 0 }
      .sorted { ($1.difference.magnitude, $0.name) < ($0.difference.magnitude, $1.name) }
    var parts = differences.prefix(mostParts).map { "\(plain($0.difference)) \($0.name)" }
    let rest = differences.dropFirst(mostParts).reduce(0) { $0 + $1.difference }
    if rest != 0 { parts.append("\(plain(rest)) elsewhere") }
    return parts
  }

  private static func signed<Number: BinaryInteger>(_ number: Number, _ other: Number) -> Int64 {
    Int64(clamping: number) - Int64(clamping: other)
  }

  private static func plain(_ number: Int64) -> String { (number < 0 ? "-" : "+") + number.magnitude.grouped }
}
