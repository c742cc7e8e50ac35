// What `compare` lets a kernel do, as data: calls and programs by name, so that a workload exists before every structure
// can run it. A structure without a call or program refuses by itself, with its reason.

import GuestABI

/// Something that a kernel is asked to do, once cold and once warm.
struct Workload {
  /// One action of the agent.
  enum Step {
    /// A function of the program library, by name.
    case call(String, [Argument])
    /// A program of the boot archive, run to its end; some print their own task number, which differs from kernel to kernel.
    case program(String, arguments: String, printsItsNumber: Bool = false)
  }

  /// An argument of a call.
  enum Argument {
    case value(CallArgument)
    /// What the step before returned.
    case previousResult

    static func number(_ number: Int64) -> Argument { .value(.number(number)) }
    static func text(_ text: String) -> Argument { .value(.text(text)) }
  }

  /// What is measured.
  enum Measure {
    /// The steps that are counted, and uncounted ones before the first round and between the two.
    case steps(prepare: [Step], counted: [Step], reset: [Step])
    /// The way from reset to the first program being ready.
    case boot
    /// The image itself; nothing runs.
    case size
  }

  let name: String
  let description: String
  let measure: Measure
  /// A program and its arguments that are all of the workload, so that a machine with one application can run it.
  private(set) var application: (name: String, arguments: String)?

  private init(_ name: String, _ description: String, _ measure: Measure) {
    (self.name, self.description, self.measure) = (name, description, measure)
  }

  private init(
    _ name: String, _ description: String, prepare: [Step] = [], counted: [Step], reset: [Step] = []
  ) {
    self.init(name, description, .steps(prepare: prepare, counted: counted, reset: reset))
  }

  private init(
    _ name: String, _ description: String, program: String, arguments: String = "", printsItsNumber: Bool = false,
    startsAnother: Bool = false
  ) {
    self.init(
      name, description,
      counted: [.program(program, arguments: arguments, printsItsNumber: printsItsNumber)])
    application = startsAnother ? nil : (program, arguments)
  }

  /// The first descriptor that the agent's `open` gives.
  private static let descriptor = Argument.number(3)
  private static let file = Argument.text("/etc/motd")
  private static let written = Argument.text("/compare.txt")
  private static let rewind = Step.call("seek", [descriptor, .number(0)])
  private static let bytes = Argument.text(
    String(String(repeating: "kernelarium ", count: 6).prefix(64)))

  static let all: [Workload] = [
    Workload("null", "the empty library call", counted: [.call("null", [])]),
    Workload(
      "read", "read 64 bytes of /etc/motd", prepare: [.call("open", [file])],
      counted: [.call("read", [descriptor, .number(64)])], reset: [rewind]),
    Workload(
      "write", "write 64 bytes to a new file", prepare: [.call("open", [written, .text("write|create")])],
      counted: [.call("write", [descriptor, bytes])], reset: [rewind]),
    Workload(
      "open", "open /etc/motd", counted: [.call("open", [file])], reset: [.call("close", [descriptor])]),
    Workload(
      "spawn", "start the program hello and wait for its end", program: "hello", printsItsNumber: true,
      startsAnother: true),
    Workload(
      "fork", "make a copy of the agent and wait for its end",
      counted: [.call("fork", []), .call("wait", [.previousResult])]),
    Workload(
      "pipe", "write 64 bytes into a pipe and read them from it", prepare: [.call("pipe", [])],
      counted: [.call("write", [.number(4), bytes]), .call("read", [descriptor, .number(64)])]),
    Workload("pingpong", "the program pingpong makes 100 empty calls", program: "pingpong", arguments: "100"),
    Workload(
      "http", "the program fetch gets a page from the built-in host", program: "fetch",
      arguments: "http://10.0.2.2/hello"),
    Workload(
      "fsbench", "the program fsbench writes files, reads them back and checks them", program: "fsbench"),
    Workload("boot", "from reset to the first program being ready", .boot),
    Workload("size", "the image, without running it", .size),
  ]
}
