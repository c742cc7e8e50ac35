// The claims that the lessons have to teach, as data: what each says, and which of them cannot be done in full yet. A row
// that is pending must say what is missing; callers must not take it for an excuse where a lesson could do it.

/// A claim about kernels that a student is to find out by doing.
public struct ConceptClaim: Equatable, Sendable {
  /// The id, one of ``Concept/identifiers``.
  public let id: String
  /// The claim in a phrase.
  public let text: String
  /// What the program lacks to have it done in full; nil if nothing.
  public let pending: String?
}

extension Concept {
  /// Every claim, in the order of ``identifiers``.
  public static let claims: [ConceptClaim] = [
    claim("M1", "built for speed"),
    claim(
      "M2", "Unix, Linux, BSD, Multics",
      pending:
        "the named systems are not there yet: none can be booted that shows what defines it"),
    claim("M3", "all OS services run in kernel space"),
    claim("M4", "scheduling and file management are reached by system calls"),
    claim("M5", "components talk by function call: no mode or address-space switch between them"),
    claim("M6", "complexity: huge"),
    claim("M7", "hard to debug and maintain"),
    claim("M8", "one bug in one component can crash the whole system"),
    claim("U1", "modularity and reliability"),
    claim("U2", "L4"),
    claim("U3", "the kernel keeps only IPC, virtual memory, scheduling"),
    claim("U4", "(an exokernel goes further: it only exposes resources)"),
    claim("U5", "services talk to each other and to programs through the kernel's IPC, which needs context switches"),
    claim("U6", "drivers, network, file system are user-space programs"),
    claim("U7", "applications read and write through IPC"),
    claim("U8", "IPC is slower than a function call"),
    claim("U9", "scalability: a smaller kernel, services in separate layers"),
    claim("U10", "extensibility: new services are easily added"),
    claim("U11", "easy to maintain and debug"),
    claim(
      "U12", "more secure and reliable: one service's fault does not fail the system",
      pending: "survival tables over many runs are not there yet; one fault at a time and the matrix of rights are"),
    claim("U13", "bad performance: many system calls and context switches"),
    claim(
      "H1", "Windows, Android",
      pending:
        "the named systems are not there yet: none can be booted that shows what defines it"),
    claim(
      "H2", "macOS: BSD Unix + Mach, a monolithic layer on top of a microkernel, together in the kernel",
      pending:
        "the named systems are not there yet: none can be booted with its two classes of traps"),
    claim("H3", "the best of both worlds"),
    claim("H4", "speed and simple design of a monolithic kernel"),
    claim("H5", "modularity and stability of a microkernel"),
    claim(
      "H6",
      "user-mode services: user-mode drivers, environment subsystems (such as a Linux subsystem), more robust and secure"
    ),
    claim("H7", "still like monolithic, with its disadvantages"),
    claim("E1", "the end-to-end principle"),
    claim("E2", "extremely minimal, an extreme microkernel"),
    claim("E3", "as few hardware abstractions as possible"),
    claim("E4", "it just allocates physical resources to applications"),
    claim("E5", "minimal and simple"),
    claim("E6", "more work for the application developer"),
    claim(
      "E7",
      "poor isolation: each application has its own LibOS; libraries reach the hardware without isolation from the application"
    ),
    claim("E8", "hardware compatibility: the LibOS must change when hardware interfaces do"),
    claim(
      "K1", "an exokernel + containers",
      pending:
        "the container is not there yet; a process and a virtual machine can be set side by side"),
    claim("K2", "the application linked with just enough OS"),
    claim("K3", "instead of an OS on a VMM, a library kernel optimised into one application-specific binary"),
    claim("K4", "dead-code elimination: smaller, simpler code"),
    claim("K5", "strongly typed library OS: fewer bugs, more security"),
    claim("K6", "system calls become procedure calls: faster"),
    claim("K7", "the application calls the function directly: no mode switch, no context switch"),
    claim("K8", "a single address space"),
    claim("K9", "less code, 50 ms boot"),
    claim("K10", "one application per VM, one process per application"),
    claim("K11", "everything compiled into one VM image"),
    claim("K12", "extremely light (~MB), made for one application, customisable"),
    claim("K13", "better isolation (between VMs)"),
    claim("K14", "con: recompile to change anything"),
    claim("K15", "con: each library is untrusted (nothing protects the application from its libraries)"),
    claim("K16", "system calls are procedure calls over the VMM abstraction"),
    claim("X1", "the notes' comparison picture: where each service sits in each kind of kernel"),
    claim("X2", "the trade-off as a whole"),
  ]

  private static func claim(_ id: String, _ text: String, pending: String? = nil) -> ConceptClaim {
    ConceptClaim(id: id, text: text, pending: pending)
  }
}
