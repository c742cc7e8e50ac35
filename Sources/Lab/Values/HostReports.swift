// What the built-in host's errands answer.
//
// Field names are part of the program's JSON output: add, never rename.

/// What `host fetch` and `host ping` answer.
public struct HostReport: Codable, Equatable, Sendable {
  /// `fetch` or `ping`.
  public var errand: String
  /// The path that was asked for.
  public var path: String?
  /// The status of the guest's answer, such as 200.
  public var status: Int?
  /// The answer's body, if it is text.
  public var body: String?
  /// The answer's body in base 64, if it is no text.
  public var bodyBase64: String?
  /// The simulated time from the errand's beginning to its end; of an echo, of its way there and back.
  public var microseconds: Double
  /// Why it failed; nil when it did not.
  public var failure: String?
  /// What the guest executed meanwhile, the calls included by which the agent lets time pass.
  public var counters: CallCounters
  /// Instructions of the idle loop in that time, not in `counters`.
  public var idleInstructions: UInt64
  /// The guest's steps, in order, without the agent's.
  public var steps: [PathStep]
  /// What was written to the console meanwhile.
  public var console: String
  /// The system's state afterwards.
  public var state: SystemState
  /// Why the guest stopped before the errand's end.
  public var stopped: Interruption?
  /// What happened by itself meanwhile.
  public var events: [SystemEvent]
}
