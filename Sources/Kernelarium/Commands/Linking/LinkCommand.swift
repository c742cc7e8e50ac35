// `link` and `link list`: an application with just enough of a system in one image.

import GuestBuilder
import Lab

/// Links an application into a unikernel.
struct LinkCommand: Command {
  let name = "link"
  let group = CommandGroup.linking
  let summary = "link an application with just enough of a system into one image"
  let effect = CommandEffect.changesSystem
  let help = CommandHelp(
    """
    The linker takes the application, its library and the services that it may need, and leaves out every function \
    that nothing reaches. The result is a unikernel: one address space, S-mode only, no system calls.

    Choices are written `NAME=VALUE`: \(LinkChoice.all.map { choice in
      "`\(choice.name)=\(choice.values.map(\.value).joined(separator: "|"))`"
    }.joined(separator: ", ")). `args=TEXT` gives the application its arguments (quote the whole when there are \
    spaces), `name=TEXT` gives the image a name.
    """,
    examples: ["link hello", "link cat \"args=/etc/motd\"", "link hello allocator=bump checks=off name=small"],
    next: ["link explain fs_open", "boot uni --app hello", "vm start hello"])
  var parameters: [any CommandParameter] { [Self.application, Self.choices] }

  private static let application = Required("APP", ArgumentKind.application, "the program to link")
  private static let choices = Remaining("CHOICE=VALUE", ArgumentKind.linkChoice, "what comes with it")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    var request = LinkRequest(application: arguments[Self.application])
    for choice in arguments[Self.choices] {
      switch choice.name {
      case "args": request.arguments = choice.value
      case "name": request.name = choice.value
      default: request.choices[choice.name] = choice.value
      }
    }
    let report = try attempt(at: arguments.span(of: Self.application)) { () throws(LabError) in
      try session.laboratory.link(request)
    }
    return CommandResult(
      report,
      next: "`boot uni --app \(report.name)` starts it; `link explain fs_open` says why something is in it or not.")
  }
}

/// Lists the images that were linked.
struct LinkListCommand: Command {
  let name = "link list"
  let group = CommandGroup.linking
  let summary = "list the linked images"
  let help = CommandHelp(
    "Images stay until you leave. An image that is linked again under the same name replaces the older one.",
    examples: ["link list"], next: ["link hello", "vm start hello"])

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    CommandResult(session.laboratory.linkedImages())
  }
}

/// One `NAME=VALUE`.
struct LinkChoiceArgument: Sendable {
  let name: String
  let value: String
}

extension ArgumentKind where Value == LinkChoiceArgument {
  /// A choice of the linker's, or `args=` or `name=`.
  static let linkChoice = ArgumentKind(
    parse: { token, _ throws(CommandError) in
      let parts = token.text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2, !parts[0].isEmpty else {
        throw CommandError(
          .invalidArgument, "`\(token.text)` is no choice", hint: "choices are written NAME=VALUE, as in `checks=off`",
          at: token.span)
      }
      return LinkChoiceArgument(name: parts[0], value: parts[1])
    },
    candidates: { _, _ in
      LinkChoice.all.flatMap { choice in choice.values.map { "\(choice.name)=\($0.value)" } } + ["args=", "name="]
    })
}

extension ArgumentKind where Value == String {
  /// A program that can be linked.
  static let application = name("program", listedBy: "help link") { $0.laboratory.linkableApplications() }

  /// A linked image, a program that can be linked, or a structure.
  static let virtualMachineImage = ArgumentKind(
    parse: { token, _ throws(CommandError) in token.text },
    candidates: { _, session in
      session.laboratory.linkedImages().images.map(\.name) + session.laboratory.linkableApplications()
        + Laboratory.structures
    })

  /// A virtual machine.
  static let virtualMachine = name("virtual machine", listedBy: "vm list") {
    $0.laboratory.virtualMachines().machines.map(\.name)
  }
}

extension LinkReport: CommandValue {
  func describe(in text: inout StyledText) {
    let sizes = "\(NumberStyle.bytes(imageBytes)) to load, \(NumberStyle.count(functionsKept, "function"))"
    var line: StyledLine = "\(name, .name): \(sizes)"
    line.append(
      "; linked whole, the same objects are \(NumberStyle.bytes(wholeBytes)) with "
        + "\(NumberStyle.count(functionsKept + functionsDropped, "function")) (\(savedPercent) % saved)")
    text.paragraph(line, hanging: 2)
    let chosen = decisions.map { "\($0.choice)=\($0.value)" }.joined(separator: " ")
    text.paragraph(StyledLine(chosen, .dim), indent: 2, hanging: 2)
    for decision in decisions {
      guard let reason = decision.reason else { continue }
      text.paragraph("\(decision.choice)=\(decision.value): \(reason)", indent: 2, hanging: 2)
    }
    var table = Table([
      .text("COMPONENT"), .text("KIND"), .number("FUNCTIONS"), .number("DROPPED"), .number("BYTES"),
      .number("DROPPED"),
    ])
    for row in components {
      table.row([
        StyledLine(row.name, row.bytesKept == 0 ? .dim : .name), StyledLine(row.kind),
        "\(row.functionsKept)", "\(row.functionsDropped)", "\(row.bytesKept)", "\(row.bytesDropped)",
      ])
    }
    text.append(table.text())
  }
}

extension LinkList: CommandValue {
  func describe(in text: inout StyledText) {
    guard !images.isEmpty else {
      text.paragraph(StyledLine(markup: "Nothing was linked yet; `link hello` links an application."))
      return
    }
    var table = Table([.text("IMAGE"), .text("APPLICATION"), .number("BYTES"), .number("WHOLE"), .text("CHOICES")])
    for image in images {
      table.row([
        StyledLine(image.name, .name), StyledLine(image.application), "\(image.imageBytes)", "\(image.wholeBytes)",
        StyledLine(image.decisions.map { "\($0.choice)=\($0.value)" }.joined(separator: " ")),
      ])
    }
    text.append(table.text())
  }
}
