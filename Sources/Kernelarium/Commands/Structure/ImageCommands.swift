// `info image`, `info calls` and `info tcb`: what a structure's image is made of, read from the linked files.

import Lab

/// Shows the sections of an image.
struct InfoImageCommand: Command {
  let name = "info image"
  let aliases = ["info files", "info sections"]
  let group = CommandGroup.inspecting
  let summary = "the sections of the kernel's or a program's image, by component"
  let help = CommandHelp(
    "Read from the linked ELF file. The boot archive in the kernel's image holds the unprivileged programs.",
    examples: ["info image", "info image agent"], next: ["info components", "info tcb"])
  var parameters: [any CommandParameter] { [Self.image] }

  private static let image = Optionally(
    "IMAGE",
    ArgumentKind<String>.name("image", listedBy: "info components") { session in
      ["kernel"] + ((try? session.laboratory.current())?.programs ?? [])
    }, "kernel or a program; the kernel if not given")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let system = try session.system()
    let name = arguments[Self.image]
    return CommandResult(
      try attempt(at: arguments.span(of: Self.image)) { () throws(LabError) in try system.imageSections(of: name) })
  }
}

extension ImageReport: CommandValue {
  func describe(in text: inout StyledText) {
    text.paragraph(
      """
      \(image, .name) of \(kernel): \(NumberStyle.bytes(loadableBytes)) to load, runs in \(privilege), entry at \
      \(NumberStyle.hexadecimal(entry))
      """)
    var table = Table([
      .fixed("ADDRESS"), .number("BYTES"), .fixed("RIGHTS"), .text("COMPONENT"), .text("PART"), .text("SECTION"),
    ])
    for section in sections {
      table.row([
        StyledLine(NumberStyle.hexadecimal(section.address)), "\(section.bytes)", StyledLine(section.permissions),
        StyledLine(section.component, .name), StyledLine(section.part), StyledLine(section.name, .dim),
      ])
    }
    text.append(table.text())
  }
}

/// Lists the kernel's calls.
struct InfoCallsCommand: Command {
  let name = "info calls"
  let aliases = ["info syscalls"]
  let group = CommandGroup.inspecting
  let summary = "every call that user code makes into the kernel"
  let help = CommandHelp(
    """
    Found in the linked programs and servers: each function that holds an `ecall`, with the number it puts into a7. In \
    a structure whose services are servers, these are few and know no files; `sys` lists the library's calls.
    """,
    examples: ["info calls --kernels all", "info calls"], next: ["info tcb", "help sys"])
  var parameters: [any CommandParameter] { [KernelList.option] }

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    guard let kernels = arguments[KernelList.option] else {
      return CommandResult(try session.system().systemCalls())
    }
    return CommandResult(
      try attempt(at: arguments.span(of: KernelList.option)) { () throws(LabError) in
        try session.laboratory.systemCalls(kernels)
      })
  }
}

extension SystemCallList: CommandValue {
  private static let mostUsers = 3

  func describe(in text: inout StyledText) {
    for table in kernels { describe(table, in: &text) }
  }

  private func describe(_ kernel: SystemCallTable, in text: inout StyledText) {
    guard !kernel.calls.isEmpty else {
      text.paragraph("\(kernel.kernel, .strong): no system calls; a call of the library is a function call")
      return
    }
    text.paragraph("\(kernel.kernel, .strong): \(NumberStyle.count(kernel.calls.count, "system call"))")
    var table = Table([.number("NUMBER"), .text("FUNCTION"), .text("USED BY")], indent: 2)
    for call in kernel.calls {
      let users =
        call.users.count > Self.mostUsers
        ? NumberStyle.count(call.users.count, "program") : call.users.joined(separator: " ")
      table.row([
        StyledLine(call.number.map { String($0) } ?? "?"), StyledLine(call.functions.joined(separator: " "), .name),
        StyledLine(users, .dim),
      ])
    }
    text.append(table.text())
  }
}

/// Shows the trusted computing base.
struct InfoTrustCommand: Command {
  let name = "info tcb"
  let aliases = ["info trust"]
  let group = CommandGroup.inspecting
  let summary = "the privileged code that everything depends on, by component"
  let help = CommandHelp(
    """
    Bytes of text, constants and initialised data that run in M- or S-mode, the functions among them, and those that \
    other components may call. Read from the linked images; `--kernels all` needs no booted system.
    """,
    examples: ["info tcb --kernels all", "info tcb"], next: ["info components", "compare structure"])
  var parameters: [any CommandParameter] { [KernelList.option] }

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    guard let kernels = arguments[KernelList.option] else {
      return CommandResult(try session.system().trustedBase())
    }
    return CommandResult(
      try attempt(at: arguments.span(of: KernelList.option)) { () throws(LabError) in
        try session.laboratory.trustedBase(kernels)
      })
  }
}

extension TrustReport: CommandValue {
  func describe(in text: inout StyledText) {
    guard kernels.count > 1 else {
      if let base = kernels.first { base.describe(in: &text) }
      return
    }
    var table = Table([
      .fixed("KERNEL"), .number("BYTES"), .number("FUNCTIONS"), .number("ENTRIES"), .text("SERVICES AMONG THEM"),
    ])
    for base in kernels {
      table.row([
        StyledLine(base.kernel, .name), "\(base.privilegedBytes)", "\(base.functions)", "\(base.entryPoints)",
        StyledLine(base.services.joined(separator: " ")),
      ])
    }
    text.append(table.text())
    var parts: [String] = []
    for part in kernels.flatMap(\.components) where !parts.contains(part.component) { parts.append(part.component) }
    var bytes = Table([.text("BYTES OF")] + kernels.map { .number(KernelName.short($0.kernel)) })
    for part in parts {
      bytes.row(
        [StyledLine(part, .name)]
          + kernels.map { base in
            base.components.first { $0.component == part }.map { "\($0.bytes)" } ?? ""
          })
    }
    text.line()
    text.append(bytes.text())
  }
}

extension TrustedBase {
  fileprivate func describe(in text: inout StyledText) {
    text.paragraph(
      """
      \(kernel, .strong): \(NumberStyle.count(privilegedBytes, "byte")) run privileged, \
      \(NumberStyle.count(functions, "function")), \(NumberStyle.count(entryPoints, "entry point"))
      """)
    var table = Table([
      .text("COMPONENT"), .fixed("KIND"), .number("TEXT"), .number("CONST"), .number("DATA"), .number("FUNCTIONS"),
      .number("ENTRIES"),
    ])
    for part in components {
      table.row([
        StyledLine(part.component, .name), StyledLine(part.kind), "\(part.textBytes)", "\(part.constantBytes)",
        "\(part.dataBytes)", "\(part.functions)", "\(part.entryPoints.count)",
      ])
    }
    text.append(table.text())
  }
}
