// `move` and `structure …`: kernels of one's own, made of the same objects.

import GuestBuilder
import Lab

/// Moves a service across the boundary.
struct MoveCommand: Command {
  let name = "move"
  let group = CommandGroup.linking
  let summary = "move a service into the kernel or out of it, link again and boot"
  let effect = CommandEffect.changesSystem
  let help = CommandHelp(
    """
    The service is the same object on both sides; what changes is how it is reached. In user mode it is a task of its \
    own, called by messages; in the kernel it is called directly, and by those in user mode through a gate.

    The result is a structure of its own, called like `monolithic-fs-user` or as `--as` says, which `boot` and \
    `compare` know from then on. What cannot be moved is refused with the reason.
    """,
    examples: ["move fs user", "move fs kernel --in micro", "move blk user --in monolithic --as careful"],
    next: ["compare read --kernels monolithic,monolithic-fs-user", "structure show"])
  var parameters: [any CommandParameter] { [Self.service, Self.place, Self.origin, Self.newName] }

  private static let service = Required("SERVICE", ArgumentKind.movableService, "the service to move")
  private static let place = Required("user|kernel", ArgumentKind.placement, "where it goes")
  private static let origin = ValueOption(
    "--in", "STRUCTURE", ArgumentKind.structure, "what to start from; the current system's if not given")
  private static let newName = ValueOption("--as", "NAME", ArgumentKind.text, "the new structure's name")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let report = try attempt(at: arguments.span(of: Self.service)) { () throws(LabError) in
      try session.laboratory.move(
        arguments[Self.service], to: arguments[Self.place], in: arguments[Self.origin], as: arguments[Self.newName])
    }
    var request = BootRequest(structure: report.structure)
    request.seed = session.settings.seed
    request.limit = session.laboratory.limit
    let boot = try BootCommand.boot(request, in: session)
    return CommandResult(
      MovedValue(design: report, boot: boot),
      next: "`compare read --kernels \(report.base ?? "monolithic"),\(report.structure)` sets the two side by side.")
  }
}

/// Shows where a structure's services are.
struct StructureShowCommand: Command {
  let name = "structure show"
  let group = CommandGroup.linking
  let summary = "show where the services of a structure are"
  let help = CommandHelp(
    "Of those services that `move` can move; `compare structure` shows every component of every structure.",
    examples: ["structure show", "structure show micro"], next: ["move fs user", "compare structure"])
  var parameters: [any CommandParameter] { [Self.structure] }

  private static let structure = Optionally(
    "STRUCTURE", ArgumentKind.structure, "the structure; the current system's if not given")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    CommandResult(
      try attempt(at: arguments.span(of: Self.structure)) { () throws(LabError) in
        try session.laboratory.design(arguments[Self.structure])
      })
  }
}

/// Makes a structure under a name of its own.
struct StructureNewCommand: Command {
  let name = "structure new"
  let group = CommandGroup.linking
  let summary = "give a structure a second name, to change it by `move`"
  let effect = CommandEffect.changesSystem
  let help = CommandHelp(
    "The new structure is linked from the same objects; `move SERVICE user|kernel --in NAME --as NAME` changes it.",
    examples: ["structure new mine monolithic"], next: ["move fs user --in mine --as mine", "boot mine"])
  var parameters: [any CommandParameter] { [Self.newName, Self.structure] }

  private static let newName = Required("NAME", ArgumentKind.text, "its name: lower-case letters, digits, - and _")
  private static let structure = Required("STRUCTURE", ArgumentKind.structure, "what it begins as")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    CommandResult(
      try attempt(at: arguments.span(of: Self.newName)) { () throws(LabError) in
        try session.laboratory.newDesign(arguments[Self.newName], from: arguments[Self.structure])
      })
  }
}

/// Writes a structure's recipe to a file.
struct StructureSaveCommand: Command {
  let name = "structure save"
  let group = CommandGroup.linking
  let summary = "write a structure's recipe to a file"
  let help = CommandHelp(
    "The file is JSON: which objects form the kernel, the servers and the programs, and the rights of each server.",
    examples: ["structure save mine mine.json"], next: ["structure load mine.json"])
  var parameters: [any CommandParameter] { [Self.structure, Self.file, Self.replace] }

  private static let structure = Required("STRUCTURE", ArgumentKind.structure, "the structure")
  private static let file = Required("FILE", ArgumentKind.file, "where the recipe goes")
  private static let replace = FlagOption("--replace", "even if there is such a file")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    try attempt(at: arguments.span(of: Self.file)) { () throws(LabError) in
      try session.laboratory.saveDesign(
        arguments[Self.structure], to: arguments[Self.file], replacing: arguments[Self.replace])
    }
    return CommandResult(
      try attempt { () throws(LabError) in try session.laboratory.design(arguments[Self.structure]) })
  }
}

/// Reads a structure from a file.
struct StructureLoadCommand: Command {
  let name = "structure load"
  let group = CommandGroup.linking
  let summary = "read a structure's recipe from a file and link it"
  let effect = CommandEffect.changesSystem
  let help = CommandHelp(
    "A recipe that names an object twice, or one that does not exist, is refused with the place in the file.",
    examples: ["structure load mine.json"], next: ["structure show mine", "boot mine"])
  var parameters: [any CommandParameter] { [Self.file] }

  private static let file = Required("FILE", ArgumentKind.file, "the recipe")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    CommandResult(
      try attempt(at: arguments.span(of: Self.file)) { () throws(LabError) in
        try session.laboratory.loadDesign(from: arguments[Self.file])
      })
  }
}

/// A structure that was just made, and its first boot.
struct MovedValue: CommandValue {
  let design: DesignReport
  let boot: BootReport

  private enum CodingKeys: String, CodingKey { case design, boot }

  func describe(in text: inout StyledText) {
    design.describe(in: &text)
    BootValue(report: boot, faults: nil).describe(in: &text)
  }
}

extension DesignReport: CommandValue {
  func describe(in text: inout StyledText) {
    var line: StyledLine = "\(structure, .name)"
    if let base { line.append(", made from \(base)") }
    line.append(
      ": \(NumberStyle.bytes(privilegedBytes)) run privileged, \(NumberStyle.bytes(imageBytes)) to load")
    text.paragraph(line, hanging: 2)
    for place in Placement.allCases {
      let names = services.filter { $0.place == place }.map(\.service)
      let where_ = place == .kernel ? "in the kernel:" : "in user mode: "
      text.paragraph(StyledLine("\(where_) \(names.isEmpty ? "none" : names.joined(separator: ", "))"), indent: 2)
    }
  }
}

extension ArgumentKind where Value == String {
  /// A service that can be moved; the reason against another is the laboratory's to give.
  static let movableService = ArgumentKind(
    parse: { token, _ throws(CommandError) in token.text }, candidates: { _, _ in Laboratory.movableServices })
}

extension ArgumentKind where Value == Placement {
  /// A side of the boundary.
  static let placement = ArgumentKind(
    parse: { token, _ throws(CommandError) in
      guard let place = Placement(rawValue: token.text) else {
        throw CommandError(
          .invalidArgument, "`\(token.text)` is no place", hint: "services run in `user` mode or in the `kernel`",
          at: token.span)
      }
      return place
    }, candidates: { _, _ in Placement.allCases.map(\.rawValue) })
}
