// Visible revocation at the host's request: it writes down who shall give back how many pages; the rest is the kernel's
// protocol with that environment.

import GuestABI

extension System {
  /// Has an exokernel ask an environment for pages, and lets the system run until that is settled.
  ///
  /// - Parameters:
  ///   - pages: How many, from 1.
  ///   - task: The environment's name or task number.
  /// - Throws: `LabError` when this kernel hands out no pages, or there is no such environment.
  public func revoke(_ pages: UInt64, from task: String) throws(LabError) -> RevocationReport {
    let books = try resourceBooks
    try requireRunning("ask an environment for pages")
    let before = try resources()
    let matching = before.environments.filter { $0.name == task || String($0.task) == task }
    guard let environment = matching.last else {
      throw LabError(
        .unknownName, "there is no environment `\(task)`",
        hint: "environments: " + before.environments.map { "\($0.name) (\($0.task))" }.joined(separator: ", "))
    }
    guard matching.count == 1 else {
      throw LabError(
        .badArgument, "\(matching.count) environments are called `\(task)`",
        hint: "name one by its number: " + matching.map { String($0.task) }.joined(separator: ", "))
    }
    apply(.memory(address: books + ResourceTable.revocation, bytes: Self.bytes(environment.task)))
    apply(.memory(address: books + ResourceTable.revocation + 8, bytes: Self.bytes(pages)))
    // The clock has 10,000 ticks a millisecond; what is left over lets the kernel settle it.
    let patience = ResourceTable.patience / 10_000
    let stopped = try continueRunning(milliseconds: patience + 5)
    let row = taskTable.rows.first { UInt64($0.record.id) == environment.task && $0.corruption == nil }
    let hasEnded = row.map { $0.record.state == TaskState.zombie.rawValue } ?? true
    // What has ended has no books any more.
    let after = hasEnded ? nil : try resources().environments.first { $0.task == environment.task }
    return RevocationReport(
      task: environment.task, name: environment.name, asked: min(pages, environment.pages),
      given: after.map { $0.pagesGiven - min($0.pagesGiven, environment.pagesGiven) } ?? 0,
      taken: after.map { $0.pagesTaken - min($0.pagesTaken, environment.pagesTaken) } ?? 0,
      pagesBefore: environment.pages, pagesAfter: after?.pages, patience: patience, events: stopped.events)
  }

  private static func bytes(_ word: UInt64) -> [UInt8] { withUnsafeBytes(of: word.littleEndian) { Array($0) } }
}
