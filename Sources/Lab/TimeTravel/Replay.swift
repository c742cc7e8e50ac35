// Going through a recorded run again on a copy of the system. The system itself changes only when the copy has arrived, so
// an interrupt leaves it where it was.

import GuestABI
import Machine

/// Something that a replay can look for, at the step that does it.
struct Sighting {
  enum Kind: Equatable {
    case breakpoint(id: Int)
    case watchpoint(id: Int, writer: MemoryWriter)
    case caught(CatchEvent)
  }

  /// The state just before it happens.
  let step: UInt64
  let kind: Kind
  /// One sentence, without a full stop.
  let text: String
}

/// What to look for.
struct SearchGoal {
  var breakpoints: [System.Breakpoint] = []
  var watchpoints: [System.Watchpoint] = []
  var events: Set<CatchEvent> = []

  var isEmpty: Bool { breakpoints.isEmpty && watchpoints.isEmpty && events.isEmpty }

  /// Whether any of it can have happened between two checkpoints: writes leave pages behind that differ.
  func mayHappen(between first: Checkpoint, and last: Checkpoint) -> Bool {
    guard breakpoints.isEmpty, events.isEmpty else { return true }
    return watchpoints.contains { first.mayDiffer(from: last, inPageOf: $0.physical.lowerBound) }
  }
}

extension System {
  /// The most instructions between two looks at the stop signal.
  private static let replaySlice: UInt64 = 4_000_000
  /// The same when each write to some memory is an event, which must not pile up.
  private static let watchedSlice: UInt64 = 250_000

  /// Single steps between two looks at the stop signal.
  private static let stepsPerLook = 1 << 16

  /// An independent copy that stands at a checkpoint and writes no history.
  func replica(at entry: History.Entry) -> System {
    let copy = System(
      name: name, image: image, boot: boot, machine: Machine(forking: entry.machine), stopSignal: stopSignal,
      limit: limit, costModel: costModel)
    copy.history = history
    copy.history.isRecording = false
    copy.history.appliedInputs = entry.moment.inputs
    copy.adopt(entry.frame)
    return copy
  }

  /// Takes over what a frame knows; in a replay nothing stops where the user wants to.
  private func adopt(_ frame: History.Frame) {
    condition = frame.condition
    condition.breakpoints = []
    condition.watchpoints = []
    condition.catchpoints = []
    spaces = frame.spaces
  }

  /// A copy that stands at a moment as the system did; nil when the user interrupted or the moment is not in the history.
  func replica(at target: Moment) -> System? {
    guard let index = history.entryIndex(atOrBefore: target), let frame = history.frame(atOrBefore: target) else {
      return nil
    }
    let copy = replica(at: history.entries[index])
    if frame.moment > copy.moment {
      guard copy.replay(to: frame.moment) else { return nil }
      copy.adopt(frame)
    }
    if target.step > copy.machine.stepCount, !image.isForeign {
      var goal = frame.goal
      goal.budget = .max
      goal.endStep = target.step
      if copy.drive(goal) == .interrupted { return nil }
      copy.machine.stoppingEvents = []
    }
    return copy.replay(to: target) ? copy : nil
  }

  /// Lets the machine of a copy run to a moment, giving it the inputs of the log.
  ///
  /// - Parameter visit: Called whenever the machine comes back, before the next input.
  /// - Returns: False when the user interrupted.
  func replay(to target: Moment, visit: () -> Bool = { true }) -> Bool {
    machine.stoppingEvents.formUnion([.traps, .interrupts])
    defer { machine.stoppingEvents = [] }
    while true {
      let next = history.input(history.appliedInputs)
      let stop = min(target.step, next?.step ?? .max)
      while machine.stepCount < stop {
        if stopSignal.consume() { return false }
        let before = (machine.stepCount, machine.pc)
        let slice = machine.watchedMemory.isEmpty ? Self.replaySlice : Self.watchedSlice
        let reason = machine.run(limit: min(stop - machine.stepCount, slice))
        condition.console.append(machine.board.uart.takeOutput())
        if !visit() { return true }
        // A machine that can do nothing more cannot have done it when it was recorded.
        guard before != (machine.stepCount, machine.pc) || reason != .idle && !reason.isFinished else { return true }
      }
      guard let next, next.step == machine.stepCount, history.appliedInputs < target.inputs else { return true }
      // It was given while the hart waited and time had passed.
      if machine.time < next.time { _ = machine.run(limit: 1, untilTick: next.time) }
      apply(next.input)
    }
  }

  /// Lets the machine of a copy run to a moment by single steps, giving it the inputs of the log.
  ///
  /// - Parameter visit: Called after each step with its number.
  /// - Returns: False when the user interrupted.
  func replaySteps(to target: Moment, visit: (UInt64) -> Void) -> Bool {
    var looks = Self.stepsPerLook
    while machine.stepCount < target.step {
      let step = machine.stepCount
      if history.input(history.appliedInputs)?.step == step {
        guard replay(to: Moment(step: step, inputs: target.inputs)) else { return false }
      }
      looks -= 1
      if looks == 0 {
        if stopSignal.consume() { return false }
        looks = Self.stepsPerLook
      }
      _ = machine.step()
      guard machine.stepCount != step else { break }
      visit(step)
    }
    return true
  }

  // MARK: Searching

  /// Replays from where a copy stands and reports what is looked for, in order; `found` says whether to go on.
  ///
  /// - Returns: False when the user interrupted.
  func search(_ goal: SearchGoal, to target: Moment, found: (Sighting) -> Bool) -> Bool {
    let places = Set(goal.breakpoints.map(\.address))
    machine.tracepoints = places
    machine.watchedMemory = goal.watchpoints.map(\.physical)
    machine.recording = goal.events.reduce(
      into: goal.watchpoints.isEmpty ? [.traps, .interrupts] : [.traps, .interrupts, .watchedWrites]
    ) { $0.formUnion($1.mask) }
    machine.stoppingEvents = []
    defer {
      machine.tracepoints = []
      machine.watchedMemory = []
      machine.recording = []
      _ = machine.takeEvents()
    }
    var seen: UInt64?
    return replay(to: target) {
      for sighting in sightings(goal) where !found(sighting) { return false }
      if places.contains(machine.pc), machine.stepCount != seen {
        seen = machine.stepCount
        if let sighting = breakpointSighting(goal), !found(sighting) { return false }
      }
      return true
    }
  }

  /// What the events since the last look amount to.
  private func sightings(_ goal: SearchGoal) -> [Sighting] {
    var entries = machine.stepCount - machine.instructionCount
    var found: [Sighting] = []
    for event in machine.takeEvents().reversed() {
      switch event.kind {
      case .trap, .interrupt: entries -= 1
      default: break
      }
      let step = event.instructionCount + entries
      for catcher in goal.events where catcher.matches(event.kind) {
        found.append(Sighting(step: step, kind: .caught(catcher), text: catcher.sentence(event.kind)))
      }
      guard case .watchedWrite(let address, let count, let pc, let writer) = event.kind, writer != .host else {
        continue
      }
      for watchpoint in goal.watchpoints where watchpoint.physical.overlaps(address..<address + UInt64(count)) {
        found.append(
          Sighting(
            step: step, kind: .watchpoint(id: watchpoint.id, writer: writer),
            text: sentence(watchpoint, writer: writer, pc: pc)))
      }
    }
    return found.reversed()
  }

  private func breakpointSighting(_ goal: SearchGoal) -> Sighting? {
    let name = imageName(at: machine.pc)
    let hit = goal.breakpoints.first { $0.address == machine.pc && ($0.image == nil || $0.image == name) }
    return hit.map {
      Sighting(
        step: machine.stepCount, kind: .breakpoint(id: $0.id),
        text: "breakpoint \($0.id) at \(location(of: machine.pc).name)")
    }
  }

  /// Who wrote to watched memory, in words.
  func sentence(_ watchpoint: Watchpoint, writer: MemoryWriter, pc: UInt64) -> String {
    let place = location(of: pc)
    let by =
      switch writer {
      case .instruction: "written by \(place.name)" + (place.source.map { ", \($0)" } ?? "")
      case .pageWalk: "changed by the hardware's page-table walk at \(place.name)"
      case .device: "written by a device"
      case .host: "written by the host"
      }
    return "watchpoint \(watchpoint.id), \(watchpoint.name): \(by)"
  }
}

extension StopReason {
  fileprivate var isFinished: Bool {
    if case .finished = self { return true }
    return false
  }
}
