// `compare`: one workload on several kernels, side by side.

import Lab

/// Compares kernels.
struct CompareCommand: Command {
  let name = "compare"
  let aliases = ["diff"]
  let group = CommandGroup.calls
  let summary = "one workload on each kernel, side by side"
  var help: CommandHelp {
    let workloads = Laboratory.workloads.map { "`\($0.name)`: \($0.description)" }.joined(separator: "; ")
    return CommandHelp(
      """
      Each kernel is booted afresh; your systems are not touched. \"cold\" is the first call, with its data still on \
      the disk; the other figures are of one warm call. All are exact counts, but for cycles, which a printed model \
      prices afterwards (`show model`).

      The workloads: \(workloads).
      """,
      examples: ["compare read", "compare null monolithic micro"], next: ["trace read 3 64", "show model"])
  }
  var parameters: [any CommandParameter] { [Self.workload, Self.kernels] }

  private static let workload = Required("WORKLOAD", ArgumentKind.workload, "what to do")
  private static let kernels = Remaining(
    "KERNEL", ArgumentKind.structure, "the kernels; all that boot if none is given")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let workload = arguments[Self.workload]
    let kernels = arguments[Self.kernels].isEmpty ? KernelOrder.sorted(Laboratory.structures) : arguments[Self.kernels]
    let report = try UserInterrupt.shared.whileGuestMayRun { () throws(CommandError) in
      try attempt(at: arguments.span(of: Self.workload)) { () throws(LabError) in
        try session.laboratory.compare(workload, kernels: kernels)
      }
    }
    return CommandResult(report, next: "`boot` one of them, then `trace` shows where the instructions go.")
  }
}

/// The order in which kernels are shown: from the structure with everything in one place to those taken apart.
enum KernelOrder {
  private static let order = ["monolithic", "micro", "hybrid", "exo", "uni"]

  /// The structures in that order; unknown ones come last, by name.
  static func sorted(_ structures: [String]) -> [String] {
    structures.sorted { (position($0), $0) < (position($1), $1) }
  }

  private static func position(_ structure: String) -> Int { order.firstIndex(of: structure) ?? order.count }
}

extension ComparisonReport: CommandValue {
  func describe(in text: inout StyledText) {
    text.paragraph("\(workload, .strong): \(description)")
    let run = rows.filter(\.ok)
    var table = Table([.text("")] + run.map { .number($0.kernel) } + (run.count == 2 ? [.number("RATIO")] : []))
    func row(_ name: String, isKept: Bool = false, _ value: (ComparisonRow) -> UInt64?) {
      let values = run.map(value)
      if values.allSatisfy({ $0 == nil || $0 == 0 && !isKept }) { return }
      var cells = [StyledLine(name)]
      for value in values { cells.append(value.map { "\($0)" } ?? "") }
      if run.count == 2, let first = values[0], let second = values[1] {
        cells.append(StyledLine(Self.ratio(first, second), .dim))
      }
      table.row(cells)
    }
    row("instructions, cold") { $0.cold?.instructions }
    row("messages, cold") { $0.cold?.messages }
    row("instructions") { $0.counters?.instructions }
    row("traps", isKept: true) { $0.counters?.traps }
    row("interrupts") { $0.counters?.interrupts }
    row("address-space switches", isKept: true) { $0.counters?.addressSpaceSwitches }
    row("messages", isKept: true) { $0.counters?.messages }
    row("component calls") { $0.counters?.calls }
    row("bytes copied") { $0.counters?.bytesCopied }
    row("TLB misses") { $0.counters?.tlbMisses }
    row("page-table reads") { $0.counters?.pageTableReads }
    row("MMIO accesses") { $0.counters?.mmioAccesses }
    row("VM exits") { $0.counters?.vmExits }
    row("cycles (modelled)") { $0.counters?.cycles }
    if !run.isEmpty { text.append(table.text()) }
    for row in rows where !row.ok {
      text.paragraph("\(row.kernel, .name): \(row.refused ?? "did not give the expected result", .warning)", hanging: 2)
    }
  }

  /// The second figure as a multiple of the first, with one decimal.
  private static func ratio(_ first: UInt64, _ second: UInt64) -> String {
    if first == 0 { return second == 0 ? "" : "∞" }
    let tenths = (second * 10 + first / 2) / first
    return "\(NumberStyle.decimal(tenths / 10)).\(tenths % 10) ×"
  }
}
