// What came of injected faults, judged from outside: who noticed, and what is left of the system.

import GuestABI
import Machine

extension System {
  /// Somebody noticed that something is wrong; the newest fault without a detector is what they noticed.
  func detected(by detector: String, task: String?) {
    guard
      let index = condition.faults.lastIndex(where: { $0.firedAt != nil && $0.detector == nil })
    else { return }
    condition.faults[index].detector = detector
  }

  /// A task was ended because of a trap; a fault in its own image is contained with that, as far as one can see yet.
  func ended(_ task: String, program: ProgramImage?) {
    guard
      let index = condition.faults.lastIndex(where: {
        $0.firedAt != nil && $0.outcome == nil && $0.patch?.image == program?.name
      })
    else { return }
    condition.faults[index].outcome = Self.endOutcome(task)
  }

  /// How the outcome of a fault begins that did not reach beyond the one who had it.
  private static let contained = "contained: "

  private static func endOutcome(_ task: String) -> String { contained + "\(task) was ended" }

  /// A service has a new incarnation, with fresh text.
  func restarted(_ service: String) {
    noteDeviceFaults()
    for index in condition.faults.indices where isPart(condition.faults[index].driver.name, of: service) {
      if condition.faults[index].firedAt != nil {
        if condition.faults[index].detector == nil {
          condition.faults[index].detector = "the reincarnation server (no answer)"
        }
        condition.faults[index].outcome = Self.contained + "\(service) was restarted"
      } else if condition.faults[index].patch != nil, condition.faults[index].isArmed {
        condition.faults[index].isArmed = false
        condition.faults[index].isWatched = false
        condition.faults[index].outcome = "not activated: \(service) was restarted before"
        plansAreStale = true
      }
    }
  }

  /// Whether a driver is linked into a server, whatever that is called after.
  private func isPart(_ driver: String, of server: String) -> Bool {
    image.manifest.components.contains { $0.name == driver && $0.kind == "driver" && $0.image == server }
  }

  /// Looks whether the device has misbehaved yet.
  private func noteDeviceFaults() {
    for index in condition.faults.indices
    where condition.faults[index].kind.level == .device && condition.faults[index].firedAt == nil {
      guard let disk = condition.faults[index].driver.disk, let fault = machine.board.blockFault(of: disk),
        fault.fired > 0
      else { continue }
      markFired(index)
    }
  }

  /// Names who noticed the faults that have fired and that nobody noticed before.
  func attributeFaults(to detector: String) {
    noteDeviceFaults()
    for index in condition.faults.indices
    where condition.faults[index].firedAt != nil && condition.faults[index].detector == nil {
      condition.faults[index].detector = detector
    }
  }

  /// Looks at the devices' faults and at the system's state when a command has run.
  func judgeFaults() {
    noteDeviceFaults()
    let last = condition.faults.indices.max { condition.faults[$0].firedAt ?? 0 < condition.faults[$1].firedAt ?? 0 }
    for index in condition.faults.indices where condition.faults[index].firedAt != nil {
      // What was contained stays so when a later fault brings the system down.
      if index != last, condition.faults[index].outcome?.hasPrefix(Self.contained) == true { continue }
      switch condition.state {
      case .panicked: condition.faults[index].outcome = "system crash"
      case .hung:
        // Who waits for ever for a task that was ended is not hung by the fault.
        if condition.faults[index].outcome != Self.endOutcome(Self.agentName) {
          condition.faults[index].outcome = "system hang"
        }
      case .running, .halted:
        if condition.faults[index].outcome == nil { condition.faults[index].outcome = "the system runs on" }
      }
    }
  }
}
