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
      prices afterwards (`show model`). The sentence about each kernel is made of these counts and of an attribution \
      of every instruction, which `--profile` shows. A kernel that cannot do it says why.

      The workloads: \(workloads).
      """,
      examples: ["compare read", "compare null monolithic micro", "compare read --kernels all --profile"],
      next: ["profile read 3 64", "compare structure", "show model"])
  }
  var parameters: [any CommandParameter] { [Self.workload, Self.kernels, KernelList.option, Self.profile] }

  private static let workload = Required("WORKLOAD", ArgumentKind.workload, "what to do")
  private static let kernels = Remaining(
    "KERNEL", ArgumentKind.structure, mixesWithOptions: true, "the kernels; all that boot if none is given")
  private static let profile = FlagOption("--profile", "the instructions by component, in the text view")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let workload = arguments[Self.workload]
    let named = arguments[Self.kernels] + (arguments[KernelList.option] ?? [])
    let report = try UserInterrupt.shared.whileGuestMayRun { () throws(CommandError) in
      try attempt(at: arguments.span(of: Self.workload)) { () throws(LabError) in
        try session.laboratory.compare(workload, kernels: named)
      }
    }
    return CommandResult(
      ComparisonValue(report: report, showsProfile: arguments[Self.profile]),
      next: "`boot` one of them, then `trace` shows the way and `profile` who executes what.")
  }
}

/// `--kernels a,b` or `--kernels all`.
enum KernelList {
  static let option = ValueOption(
    "--kernels", "LIST",
    ArgumentKind<[String]>(
      parse: { token, _ throws(CommandError) in
        let names = token.text.split(separator: ",").map(String.init)
        guard !names.isEmpty else {
          throw CommandError(
            .invalidArgument, "`\(token.text)` names no kernel", hint: "for example `--kernels monolithic,micro`",
            at: token.span)
        }
        return names
      },
      candidates: { _, _ in ["all"] + Laboratory.structures }),
    "structures separated by commas, or all")
}

/// A comparison, with the choice whether its profiles are shown.
private struct ComparisonValue: CommandValue {
  let report: ComparisonReport
  let showsProfile: Bool

  func encode(to encoder: any Encoder) throws { try report.encode(to: encoder) }

  private var run: [ComparisonRow] { report.rows.filter(\.ok) }

  func describe(in text: inout StyledText) {
    text.paragraph("\(report.workload, .strong): \(report.description)")
    if !run.isEmpty { text.append(figures) }
    describeData(in: &text)
    for row in run {
      if let difference = row.difference { text.paragraph("\(row.kernel, .name): \(difference)", hanging: 2) }
    }
    for row in run {
      if let note = row.note { text.paragraph("\(row.kernel, .name): \(note)", hanging: 2) }
    }
    for row in report.rows where !row.ok {
      text.paragraph("\(row.kernel, .name): \("refused", .warning), \(row.refused ?? "no result")", hanging: 2)
    }
    if showsProfile { text.append(shares) }
  }

  private func describeData(in text: inout StyledText) {
    let compared = run.compactMap(\.sameData)
    guard compared.count > 1 else { return }
    if compared.allSatisfy(\.self) {
      text.paragraph("the same data from all \(compared.count)")
    } else {
      let others = run.filter { $0.sameData == false }.map(\.kernel).joined(separator: ", ")
      text.paragraph("\("other data", .bad) than from \(report.baseline ?? ""): \(others)")
    }
  }

  private var headings: [Table.Column] {
    [.text("")] + run.map { .number(KernelName.short($0.kernel)) } + (run.count == 2 ? [.number("RATIO")] : [])
  }

  private var figures: StyledText {
    var table = Table(headings)
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
    // Messages and calls are followed through calls of the agent, not through a boot.
    let isCounted = run.contains { $0.cold != nil }
    row("instructions, cold") { $0.cold?.instructions }
    row("messages, cold") { $0.cold?.messages }
    row("instructions") { $0.counters?.instructions }
    row("… in U-mode") { row in
      row.components.map { $0.filter { $0.privilege == "U" }.reduce(0) { $0 + $1.instructions } }
    }
    row("… copying") { $0.copyingInstructions }
    row("traps", isKept: run.contains { $0.counters != nil }) { $0.counters?.traps }
    row("interrupts") { $0.counters?.interrupts }
    row("address-space switches", isKept: isCounted) { $0.counters?.addressSpaceSwitches }
    row("messages", isKept: isCounted) { $0.counters?.messages }
    row("component calls") { $0.counters?.calls }
    row("bytes copied") { $0.counters?.bytesCopied }
    row("TLB misses") { $0.counters?.tlbMisses }
    row("page-table reads") { $0.counters?.pageTableReads }
    row("MMIO accesses") { $0.counters?.mmioAccesses }
    row("VM exits") { $0.counters?.vmExits }
    row("cycles (modelled)") { $0.counters?.cycles }
    row("image bytes") { $0.sizes?.imageBytes }
    row("privileged bytes") { $0.sizes?.privilegedBytes }
    row("privileged functions") { $0.sizes.map { UInt64($0.privilegedFunctions) } }
    row("… entry points") { $0.sizes.map { UInt64($0.privilegedEntryPoints) } }
    row("programs") { $0.sizes.map { UInt64($0.programs) } }
    return table.text()
  }

  /// Instructions by component and privilege, one column a kernel.
  private var shares: StyledText {
    var names: [String] = []
    for share in run.flatMap({ $0.components ?? [] }).sorted(by: { $0.instructions > $1.instructions }) {
      let name = Self.label(share)
      if !names.contains(name) { names.append(name) }
    }
    var table = Table([.text("INSTRUCTIONS IN")] + run.map { .number(KernelName.short($0.kernel)) })
    for name in names {
      table.row(
        [StyledLine(name, .name)]
          + run.map { row in
            let sum = (row.components ?? []).filter { Self.label($0) == name }.reduce(0) { $0 + $1.instructions }
            return sum == 0 ? "" : "\(sum)"
          })
    }
    return table.text()
  }

  private static func label(_ share: ComponentShare) -> String { "\(share.component) (\(share.privilege))" }

  /// The second figure as a multiple of the first, with one decimal.
  private static func ratio(_ first: UInt64, _ second: UInt64) -> String {
    if first == 0 { return second == 0 ? "" : "∞" }
    let tenths = (second * 10 + first / 2) / first
    return "\(NumberStyle.decimal(tenths / 10)).\(tenths % 10) ×"
  }
}

/// How kernels are called where there is little room.
enum KernelName {
  /// The name of a structure's systems at the prompt.
  static func short(_ kernel: String) -> String { kernel == "monolithic" ? "mono" : kernel }
}

/// The order in which kernels are shown: from the structure with everything in one place to those taken apart.
enum KernelOrder {
  /// The structures in that order; unknown ones come last, by name.
  static func sorted(_ structures: [String]) -> [String] {
    structures.sorted { (position($0), $0) < (position($1), $1) }
  }

  private static func position(_ structure: String) -> Int {
    Laboratory.knownStructures.firstIndex(of: structure) ?? Laboratory.knownStructures.count
  }
}
