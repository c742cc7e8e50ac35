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

    /// One message in one direction: a0 = sender's task number (0: the kernel), a1 = receiver's, a2 = label.
    public static let messages: [String: String] = [
      "ipc_transfer_fast": "fast", "ipc_transfer_slow": "slow",
      "ipc_deliver_interrupt": "interrupt", "ipc_deliver_fault": "fault",
    ]
    /// Functions that copy bytes between address spaces or between a caller and a service: symbol to the
    /// number of the argument register that holds the length.
    public static let copies: [String: Int] = [
      "env_copy_in": 3, "env_copy_out": 3, "ipc_copy": 4,
    ]
    /// The kernel decides that a task ended by a fault: a0 = task number; the trap's CSRs are still valid.
    public static let taskFault = "task_fault"
    /// A fault or silence led to a new incarnation of a service: a0 = address of the name, a1 = its length.
    public static let restart = "reinc_restart"
  }
#endif
