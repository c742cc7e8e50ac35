// Finding the last time that something happened: interval by interval from the newest checkpoint back, each replayed
// forwards on a copy.

import Machine

/// What a search came to.
enum SearchResult {
  case found(Sighting)
  case none
  case interrupted
}

extension System {
  /// The last sighting that begins before a moment.
  ///
  /// - Parameters:
  ///   - goal: What to look for.
  ///   - end: The moment.
  ///   - isWanted: Which intervals need to be looked at, by the checkpoints at both ends.
  func lastSighting(
    of goal: SearchGoal, before end: Moment, isWanted: ((first: Checkpoint, last: Checkpoint)) -> Bool
  ) -> SearchResult {
    guard var index = history.entryIndex(atOrBefore: end) else { return .none }
    var bound = (moment: end, machine: machine.checkpoint())
    defer { stopSignal.noteSearch(at: nil) }
    while true {
      let entry = history.entries[index]
      stopSignal.noteSearch(at: entry.machine.instructionCount)
      if entry.moment < bound.moment, isWanted((entry.machine, bound.machine)) {
        var last: Sighting?
        let isComplete = replica(at: entry).search(goal, to: bound.moment) { sighting in
          if sighting.step < end.step { last = sighting }
          return true
        }
        guard isComplete else { return .interrupted }
        if let last { return .found(last) }
      }
      guard index > 0 else { return .none }
      bound = (entry.moment, entry.machine)
      index -= 1
    }
  }
}
