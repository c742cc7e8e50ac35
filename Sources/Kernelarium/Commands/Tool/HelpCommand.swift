// `help`: all commands by section, or one command in full.

/// Shows what can be typed.
struct HelpCommand: Command {
  let name = "help"
  let aliases = ["?", "man", "apropos"]
  let group = CommandGroup.tool
  let summary = "list the commands, or explain one"
  let help = CommandHelp(
    "Any unambiguous beginning of a command's name will do, and Tab completes names and arguments.",
    examples: ["help", "help sys", "help info tasks"], next: ["boot", "lesson list"])
  var parameters: [any CommandParameter] { [Self.words] }

  private static let words = Remaining("COMMAND", .commandName, "the command to explain")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let words = arguments[Self.words]
    if words.isEmpty {
      return CommandResult(
        CommandListing(session.lookup.commands), next: "`help COMMAND` explains one; `lesson start` leads you.")
    }
    let spans = arguments.spans(of: Self.words)
    let tokens = zip(words, spans).map { Token(kind: .word, text: $0, span: $1) }
    // `help info` is about a family of commands.
    if tokens.count == 1, let family = session.lookup.expansion(of: tokens[0]) {
      let members = session.lookup.commands.filter { $0.name.hasPrefix(family + " ") }
      if !members.isEmpty, !session.lookup.commands.contains(where: { $0.name == family }) {
        return CommandResult(CommandListing(members), next: "`help \(members[0].name)` explains one.")
      }
    }
    let match = try session.lookup.match(tokens, in: arguments.source)
    if match.consumed < tokens.count {
      throw CommandError(
        .unexpectedArgument, "`\(match.command.name)` is the whole name", hint: "`help \(match.command.name)`",
        at: tokens[match.consumed].span)
    }
    return CommandResult(CommandExplanation(match.command))
  }
}

extension ArgumentKind where Value == String {
  /// A word of a command's name.
  fileprivate static let commandName = ArgumentKind(
    parse: { token, _ throws(CommandError) in token.text },
    candidates: { _, session in
      session.lookup.commands.flatMap { $0.name.split(separator: " ").map(String.init) }
    })
}

/// The list of commands.
private struct CommandListing: CommandValue {
  struct Entry: Encodable, Sendable {
    let name: String
    let group: String
    let summary: String
  }

  let commands: [Entry]

  init(_ commands: [any Command]) {
    self.commands = commands.map { Entry(name: $0.name, group: $0.group.rawValue, summary: $0.summary) }
  }

  func describe(in text: inout StyledText) {
    let width = commands.map(\.name.count).max() ?? 0
    for group in CommandGroup.allCases {
      let members = commands.filter { $0.group == group.rawValue }
      if members.isEmpty { continue }
      text.line(StyledLine(group.rawValue, .strong))
      for member in members {
        let padding = String(repeating: " ", count: width - member.name.count + 2)
        text.paragraph("\(member.name, .code)\(padding)\(member.summary)", indent: 2, hanging: width + 2)
      }
    }
  }
}

/// One command in full.
private struct CommandExplanation: CommandValue {
  struct Argument: Encodable, Sendable {
    let label: String
    let summary: String
  }

  let name: String
  let aliases: [String]
  let summary: String
  let usage: String
  let arguments: [Argument]
  let discussion: String
  let examples: [String]
  let next: [String]

  init(_ command: any Command) {
    name = command.name
    aliases = command.aliases
    summary = command.summary
    usage = command.usage
    arguments = command.parameters.map { Argument(label: $0.label, summary: $0.summary) }
    discussion = command.help.discussion
    examples = command.help.examples
    next = command.help.next
  }

  func describe(in text: inout StyledText) {
    text.paragraph("\(usage, .strong)", hanging: 4)
    text.paragraph(StyledLine(markup: summary), indent: 2)
    if !aliases.isEmpty { text.paragraph("Also: \(aliases.joined(separator: ", "), .code)", indent: 2, hanging: 2) }
    if !arguments.isEmpty {
      text.line()
      var table = Table([.fixed(""), .text("")], indent: 2)
      let width = arguments.map(\.label.count).max() ?? 0
      if arguments.allSatisfy({ $0.label.count + $0.summary.count < StyledText.width - 6 - width }) {
        for argument in arguments {
          table.row([StyledLine(argument.label, .code), StyledLine(markup: argument.summary)])
        }
        text.append(table.text())
      } else {
        for argument in arguments {
          let padding = String(repeating: " ", count: width - argument.label.count + 2)
          var line: StyledLine = "\(argument.label, .code)\(padding)"
          line.append(StyledLine(markup: argument.summary))
          text.paragraph(line, indent: 2, hanging: width + 2)
        }
      }
    }
    for paragraph in discussion.split(separator: "\n\n", omittingEmptySubsequences: true) {
      text.line()
      let joined = paragraph.split(separator: "\n").joined(separator: " ")
      text.paragraph(StyledLine(markup: String(joined)), indent: 2)
    }
    text.line()
    for example in examples { text.paragraph("> \(example, .code)", indent: 2, hanging: 4) }
    if !next.isEmpty {
      let commands = next.map { "`\($0)`" }.joined(separator: ", ")
      text.paragraph(StyledLine(markup: "Next: \(commands)", base: .dim), indent: 2, hanging: 6)
    }
  }
}
