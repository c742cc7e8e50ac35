// `compare`: one workload on freshly booted kernels, each figure from the machine's own counters.

import GuestABI
import Machine

extension Laboratory {
  /// The workloads that `compare` knows, with a description each.
  public static var workloads: [(name: String, description: String)] {
    Workload.all.map { ($0.name, $0.description) }
  }

  /// The structures that there are or will be, built or not, in the order in which they are shown.
  public static var knownStructures: [String] { ImageSource.knownStructures(with: ImageSource.bundled.structures) }

  /// Runs a workload on freshly booted kernels; the systems of the laboratory are not touched.
  ///
  /// A kernel that cannot do it gets a row that says why.
  /// - Parameters:
  ///   - workload: Its name.
  ///   - kernels: Structures, built or not; all that can be booted when empty.
  /// - Throws: `LabError` when the workload or a structure is not known.
  public func compare(_ workload: String, kernels: [String] = []) throws(LabError) -> ComparisonReport {
    guard let workload = Workload.all.first(where: { $0.name == workload }) else {
      let names = Workload.all.map(\.name)
      throw LabError(
        .unknownName, "there is no workload `\(workload)`\(Nearest.suggestion(for: workload, among: names))",
        hint: "workloads: " + names.joined(separator: " "))
    }
    var rows: [ComparisonRow] = []
    for structure in try comparedStructures(kernels) { rows.append(row(workload, on: structure)) }
    var report = ComparisonReport(workload: workload.name, description: workload.description, rows: rows)
    if let first = rows.first(where: \.ok) {
      report.baseline = first.kernel
      for index in rows.indices where rows[index].ok {
        report.rows[index].sameData = first.data.map { $0 == rows[index].data }
        guard rows[index].kernel != first.kernel else { continue }
        report.rows[index].difference = ComparisonWords.difference(of: rows[index], from: first)
      }
    }
    return report
  }

  /// The structures that names or unambiguous prefixes mean, each once.
  func comparedStructures(_ names: [String]) throws(LabError) -> [String] {
    guard !names.isEmpty else { return bootableStructures }
    var structures: [String] = []
    for name in names {
      let isUnbuilt = ImageSource.namedStructures.contains(name) && !bootableStructures.contains(name)
      let found =
        name == "all"
        ? ImageSource.knownStructures(with: bootableStructures) : isUnbuilt ? [name] : [try structure(name)]
      for structure in found where !structures.contains(structure) { structures.append(structure) }
    }
    return structures
  }

  private func row(_ workload: Workload, on structure: String) -> ComparisonRow {
    var row = ComparisonRow(kernel: structure)
    guard bootableStructures.contains(structure) else {
      row.refused = "no image of this structure was built"
      return row
    }
    do throws(LabError) {
      switch workload.measure {
      case .size:
        row.sizes = try bootImage(of: structure).sizes
        row.ok = true
      case .boot:
        let (system, _) = try start(
          BootRequest(structure: structure, limit: limit), structure: structure, name: structure, profiled: true)
        row.measured(boot: system)
        row.sizes = system.image.sizes
      case .steps(let prepare, let counted, let reset):
        if let application = workload.application, try bootImage(of: structure).isFlat {
          try measure(application.name, application.arguments, on: structure, into: &row)
          break
        }
        let (system, _) = try start(
          BootRequest(structure: structure, limit: limit), structure: structure, name: structure)
        try system.measure(counted, prepare: prepare, reset: reset, into: &row)
      }
    } catch {
      // A linker's message goes on with its command line.
      row.refused = error.message.split(whereSeparator: \.isNewline).first.map(String.init) ?? error.message
    }
    return row
  }
}

extension Laboratory {
  /// Runs a program where a machine has one application: as a machine of its own, which never is warm.
  private func measure(
    _ program: String, _ arguments: String, on structure: String, into row: inout ComparisonRow
  ) throws(LabError) {
    // The images that the user has linked stay as they are.
    let copy = fork()
    let linked = try copy.link(LinkRequest(application: program, arguments: arguments))
    let (system, _) = try copy.start(
      BootRequest(structure: structure, application: linked.name, limit: limit), structure: structure, name: structure)
    try system.measureApplication(into: &row)
    row.note = "\(program) linked as a machine of its own, from its first instruction to its end; never warm"
  }
}

extension ComparisonRow {
  /// Takes over what a boot cost that was profiled.
  fileprivate mutating func measured(boot system: System) {
    var counters = CallCounters()
    counters.take(system.machine.counters)
    self.counters = counters.priced(by: system.costModel)
    system.endProfile()
    if let profile = system.profiler?.report(system.image) { take(profile) }
    ok = true
  }

  fileprivate mutating func take(_ profile: ProfileReport) {
    components = profile.components
    copyingInstructions = profile.copyingInstructions
  }
}

extension System {
  /// Lets the only application run from its first instruction to its end.
  fileprivate func measureApplication(into row: inout ComparisonRow) throws(LabError) {
    beginCommand()
    let (_, profile) = try profiling { () throws(LabError) -> Halt in
      var recorder = CallRecorder(call: .exit, isReported: false, output: nil)
      recorder.enter(
        PathStep(
          kind: .libraryCall, name: Observation.application, privilege: machine.privilege.letter, task: currentTaskName,
          icount: machine.instructionCount),
        returnAddress: 0, space: currentSatp, counters: machine.counters)
      condition.pending = recorder
      beginProfile()
      return drive(DriveGoal(budget: limit))
    }
    row.counters = condition.pending?.counters(now: machine.counters, icount: machine.instructionCount)
      .priced(by: costModel)
    row.data = String(decoding: condition.console.takeFresh(), as: UTF8.self)
    row.take(profile)
    row.ok = machine.board.finished == .pass
    if !row.ok { row.refused = condition.reason ?? "it did not end" }
  }

  /// What one round of a workload cost and gave.
  private struct Round {
    var counters = CallCounters()
    var idleInstructions: UInt64 = 0
    var data: String?
    var refused: String?
  }

  /// Runs a workload twice, cold and warm; the warm round is profiled.
  fileprivate func measure(
    _ counted: [Workload.Step], prepare: [Workload.Step], reset: [Workload.Step], into row: inout ComparisonRow
  ) throws(LabError) {
    // Services may still be starting when the first program is ready; that is boot, not the workload.
    _ = try continueRunning(milliseconds: 100)
    if let refused = try round(prepare).refused {
      row.refused = refused
      return
    }
    let cold = try round(counted)
    row.cold = cold.counters
    row.coldIdleInstructions = cold.idleInstructions
    row.refused = cold.refused
    guard cold.refused == nil else { return }
    row.refused = try round(reset).refused
    guard row.refused == nil else { return }
    let (warm, profile) = try profiling { () throws(LabError) in try round(counted) }
    row.counters = warm.counters
    row.data = warm.data
    row.refused = warm.refused
    row.ok = warm.refused == nil
    row.take(profile)
  }

  private func round(_ steps: [Workload.Step]) throws(LabError) -> Round {
    var round = Round()
    var result: Int64 = 0
    for step in steps where round.refused == nil {
      switch step {
      case .call(let name, let arguments): try add(name, arguments, &result, to: &round)
      case .program(let name, let arguments, let printsItsNumber):
        let task = try add(name, arguments, to: &round)
        if printsItsNumber, let task { round.data = round.data.map { Self.withoutNumber(task, $0) } }
      }
    }
    return round
  }

  private func add(
    _ name: String, _ arguments: [Workload.Argument], _ result: inout Int64, to round: inout Round
  ) throws(LabError) {
    guard let call = LibraryCall.allCases.first(where: { $0.name == name }) else {
      round.refused = "the library has no call `\(name)`"
      return
    }
    let previous = result
    let report = try self.call(
      call,
      arguments.map { argument in
        switch argument {
        case .value(let value): value
        case .previousResult: .number(previous)
        }
      })
    round.counters = round.counters + report.counters
    round.idleInstructions += report.idleInstructions
    if let data = report.data ?? report.dataBase64 { round.data = data }
    guard let returned = report.returned, returned >= 0 else {
      round.refused = refusal(report)
      return
    }
    result = returned
  }

  /// A program's output with its task number, where it stands alone, replaced by a sign.
  private static func withoutNumber(_ task: UInt64, _ output: String) -> String {
    var result = ""
    var digits = ""
    for character in output + "\n" {
      if character.isASCII, character.isNumber {
        digits.append(character)
      } else {
        result += digits == String(task) ? "#" : digits
        result.append(character)
        digits = ""
      }
    }
    return String(result.dropLast())
  }

  /// Runs a program; its task number.
  private func add(
    _ program: String, _ arguments: String, to round: inout Round
  ) throws(LabError) -> UInt64? {
    let report = try run(program, arguments: arguments)
    round.counters = round.counters + report.counters
    round.idleInstructions += report.idleInstructions
    round.data = report.output
    if report.exitStatus != 0 { round.refused = refusal(report) }
    return report.task
  }

  private func refusal(_ report: CallReport) -> String {
    if let error = report.errno { return "\(report.call): \(error), \(report.errorText ?? "")" }
    return "\(report.call): \(report.stopped?.reason ?? "the call did not return")"
  }

  private func refusal(_ report: RunReport) -> String {
    if let error = report.errno {
      let text = ErrorCode.allCases.first { $0.name == error }?.explanation.description
      return "\(report.program): \(error)" + (text.map { ", \($0)" } ?? "")
    }
    if let reason = report.stopped?.reason { return "\(report.program): \(reason)" }
    return "\(report.program): ended with status \(report.exitStatus.map(String.init) ?? "unknown")"
  }
}
