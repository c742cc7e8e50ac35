// `compare`: one workload on freshly booted kernels, each figure from the machine's own counters.

import GuestABI
import Machine

/// A workload: calls made before, the calls that are counted, and calls that prepare the next round.
struct Workload {
  let name: String
  let description: String
  let prepare: [(LibraryCall, [CallArgument])]
  let measured: [(LibraryCall, [CallArgument])]
  let reset: [(LibraryCall, [CallArgument])]

  /// The first descriptor that the agent's `open` gives.
  private static let descriptor = CallArgument.number(3)
  private static let file = CallArgument.text("/etc/motd")
  private static let written = CallArgument.text("/compare.txt")

  static let all: [Workload] = [
    Workload(
      name: "null", description: "the empty library call", prepare: [], measured: [(.null, [])], reset: []),
    Workload(
      name: "read", description: "read 64 bytes of /etc/motd", prepare: [(.open, [file])],
      measured: [(.read, [descriptor, .number(64)])], reset: [(.seek, [descriptor, .number(0)])]),
    Workload(
      name: "write", description: "write 64 bytes to a new file",
      prepare: [(.open, [written, .text("write|create")])],
      measured: [(.write, [descriptor, .text(String(repeating: "kernelarium ", count: 6).prefix(64).description)])],
      reset: [(.seek, [descriptor, .number(0)])]),
    Workload(
      name: "open", description: "open /etc/motd", prepare: [], measured: [(.open, [file])],
      reset: [(.close, [descriptor])]),
    Workload(
      name: "spawn", description: "start the program hello and wait for its end", prepare: [], measured: [],
      reset: []),
  ]
}

extension Laboratory {
  /// The workloads that `compare` knows, with a description each.
  public static var workloads: [(name: String, description: String)] {
    Workload.all.map { ($0.name, $0.description) }
  }

  /// Runs a workload on freshly booted kernels; the systems of the laboratory are not touched.
  ///
  /// - Parameters:
  ///   - workload: Its name.
  ///   - kernels: Structures; all that can be booted when empty.
  /// - Throws: `LabError` when the workload or a structure is not known, or a kernel does not come up.
  public func compare(_ workload: String, kernels: [String] = []) throws(LabError) -> ComparisonReport {
    guard let workload = Workload.all.first(where: { $0.name == workload }) else {
      let names = Workload.all.map(\.name)
      throw LabError(
        .unknownName, "there is no workload `\(workload)`\(Nearest.suggestion(for: workload, among: names))",
        hint: "workloads: " + names.joined(separator: " "))
    }
    var structures: [String] = []
    for kernel in kernels.isEmpty ? images.structures : kernels { structures.append(try structure(kernel)) }
    var rows: [ComparisonRow] = []
    for structure in structures {
      let (system, _) = try start(
        BootRequest(structure: structure, limit: limit), structure: structure, name: structure)
      rows.append(try system.measure(workload))
    }
    return ComparisonReport(workload: workload.name, description: workload.description, rows: rows)
  }
}

extension System {
  /// Runs a workload twice: cold, then warm.
  func measure(_ workload: Workload) throws(LabError) -> ComparisonRow {
    var row = ComparisonRow(kernel: kernel, ok: false)
    // Services may still be starting when the first program is ready; that is boot, not the workload.
    _ = try continueRunning(milliseconds: 100)
    for (call, arguments) in workload.prepare {
      let report = try self.call(call, arguments)
      guard let result = report.returned, result >= 0 else {
        row.refused = refusal(report)
        return row
      }
    }
    let cold = try round(workload)
    row.cold = cold.counters
    row.coldIdleInstructions = cold.idleInstructions
    if let refused = cold.refused {
      row.refused = refused
      return row
    }
    for (call, arguments) in workload.reset { _ = try self.call(call, arguments) }
    let warm = try round(workload)
    row.counters = warm.counters
    row.refused = warm.refused
    row.ok = warm.refused == nil
    return row
  }

  private func round(
    _ workload: Workload
  ) throws(LabError) -> (counters: CallCounters, idleInstructions: UInt64, refused: String?) {
    guard !workload.measured.isEmpty else {
      let report = try run("hello", arguments: "")
      let error = report.errno.map { name in
        "spawn: "
          + ([name] + ErrorCode.allCases.filter { $0.name == name }.map(\.explanation.description))
          .joined(separator: ", ")
      }
      let refused = report.exitStatus == 0 ? nil : error ?? report.stopped?.reason ?? "the program failed"
      return (report.counters, report.idleInstructions, refused)
    }
    var counters = CallCounters()
    var idle: UInt64 = 0
    for (call, arguments) in workload.measured {
      let report = try self.call(call, arguments)
      counters = counters + report.counters
      idle += report.idleInstructions
      guard let result = report.returned, result >= 0 else { return (counters, idle, refusal(report)) }
    }
    return (counters, idle, nil)
  }

  private func refusal(_ report: CallReport) -> String {
    if let error = report.errno { return "\(report.call): \(error), \(report.errorText ?? "")" }
    return "\(report.call): \(report.stopped?.reason ?? "the call did not return")"
  }
}
