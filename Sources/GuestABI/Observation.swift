// The symbols at which the host watches a guest. The guests carry no instrumentation: these are ordinary
// functions, kept out of line so that they have an address.

#if !hasFeature(Embedded)
  /// Where the host sets tracepoints, and what the argument registers hold there.
  public enum Observation {
    /// The agent waits here for the host (user address, in the agent's image).
    public static let park = "agent_park"
    /// The first instruction of a program's own.
    public static let application = "program_main"
    /// The agent's mailbox page (user address, in the agent's image).
    public static let mailbox = "agent_mailbox"
    /// A kernel that cannot go on enters here.
    ///
    /// `scause`, `sepc` and `stval` still hold the trap that led to it.
    /// a0 = 0 for a trap, else the address of a zero-terminated reason.
    public static let panic = "kernel_panic"
    /// The kernel found nothing to run: from here to the next trap entry, instructions are idle.
    public static let idle = "kernel_idle"

    /// Where one message goes in one direction, and which registers hold who sends it (a task number; 0: the kernel), to
    /// whom, and its label.
    public struct MessagePoint: Equatable, Sendable {
      /// Its kind, as reports show it.
      public let way: String
      /// Register numbers.
      public let sender, receiver, label: Int
    }
    /// The points of messages by symbol: the fastpath's are inside it, the others are functions.
    public static let messages: [String: MessagePoint] = [
      "ipc_fastpath_call": MessagePoint(way: "fast", sender: 29, receiver: 30, label: 11),
      "ipc_fastpath_reply": MessagePoint(way: "fast", sender: 29, receiver: 30, label: 11),
      "ipc_transfer_slow": MessagePoint(way: "slow", sender: 10, receiver: 11, label: 12),
      "ipc_deliver_interrupt": MessagePoint(way: "interrupt", sender: 10, receiver: 11, label: 12),
      "ipc_deliver_fault": MessagePoint(way: "fault", sender: 10, receiver: 11, label: 12),
    ]
    /// Why a call or a reply did not take the fastpath: the rest of the symbol names the reason.
    public static let fastpathMisses = "ipc_miss_"
    /// Functions that copy bytes between address spaces or between a caller and a service: symbol to the
    /// number of the argument register that holds the length.
    public static let copies: [String: Int] = [
      "env_copy_in": 3, "env_copy_out": 3, "ipc_copy": 4, "ipc_copy_to_buffer": 2, "ipc_copy_from_buffer": 2,
      "exo_copy_frame": 2,
    ]
    /// Functions that the ones above have the bytes copied by, where they do not do it themselves.
    public static let copyLoops: Set<String> = ["memcpy", "memmove", "exo_copy"]
    /// The kernel decides that a task ended by a fault: a0 = task number; the trap's CSRs are still valid.
    public static let taskFault = "task_fault"
    /// A fault or silence led to a new incarnation of a service: a0 = address of the name, a1 = its length.
    public static let restart = "reinc_restart"
  }
#endif
