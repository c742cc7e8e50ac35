// Finding commands: exact names, prefixes, aliases, nearest matches, and what every command must have.

import Testing

@testable import Kernelarium

@Suite struct NearestMatchTests {
  @Test(arguments: [
    ("hlep", "help"), ("bot", "boot"), ("monolitic", "monolithic"), ("sysetms", "systems"), ("QUIT", "quit"),
  ])
  func slipsOfTheFingerAreRecognised(word: String, meant: String) {
    let names = ["help", "boot", "monolithic", "systems", "quit", "trace"]
    #expect(NearestMatch.nearest(to: word, among: names) == meant)
  }

  @Test func somethingQuiteDifferentHasNoNearestMatch() {
    #expect(NearestMatch.nearest(to: "zzzzzz", among: ["help", "boot"]) == nil)
    #expect(NearestMatch.nearest(to: "a", among: ["xy", "b"]) == nil)
    #expect(NearestMatch.nearest(to: String(repeating: "a", count: 10_000), among: ["help"]) == nil)
  }

  @Test(arguments: [("", "", 0), ("", "abc", 3), ("abc", "abc", 0), ("abc", "acb", 1), ("kitten", "sitting", 3)])
  func distancesCountEdits(first: String, second: String, edits: Int) {
    #expect(NearestMatch.distance(first, second) == edits)
    #expect(NearestMatch.distance(second, first) == edits)
  }
}

@Suite struct CommandLookupTests {
  private let lookup = CommandLookup(CommandRegistry.commands)

  private func find(_ text: String) throws -> (name: String, consumed: Int) {
    let source = SourceLine(text: text, origin: .prompt)
    let match = try lookup.match(try ParsedLine(parsing: source).tokens, in: source)
    return (match.command.name, match.consumed)
  }

  @Test(arguments: [
    ("boot micro", "boot", 1), ("info tasks", "info tasks", 2), ("i ta", "info tasks", 2), ("ps", "info tasks", 1),
    ("si", "stepi", 1), ("c", "continue", 1), ("b main", "break", 1), ("x/4i $pc", "x", 1), ("strace read", "trace", 1),
    ("fault inj blk loop", "fault inject", 2), ("info mem", "pagetable", 2), ("savevm a", "checkpoint", 1),
    ("q", "quit", 1),
    ("dis", "disassemble", 1), ("info reg", "info registers", 2), ("lesson st", "", 0),
  ])
  func namesPrefixesAndAliasesAreFound(text: String, name: String, consumed: Int) throws {
    if name.isEmpty {
      let error = try #require(throws: CommandError.self) { try find(text) }
      #expect(error.code == .ambiguousCommand)
      #expect(error.span == SourceSpan(start: 7, length: 2))
    } else {
      let found = try find(text)
      #expect(found.name == name)
      #expect(found.consumed == consumed)
    }
  }

  @Test(arguments: [
    ("hlep", CommandError.Code.unknownCommand, "help"), ("info taks", .unknownCommand, "info tasks"),
    ("fault injct blk", .unknownCommand, "fault inject"), ("info", .missingArgument, "registers"),
    ("\"boot\"", .syntax, "help"), ("12", .syntax, "help"), ("co", .ambiguousCommand, "compare"),
  ])
  func whatIsNotFoundComesWithAProposal(text: String, code: CommandError.Code, hint: String) throws {
    let error = try #require(throws: CommandError.self) { try find(text) }
    #expect(error.code == code)
    #expect(error.hint?.contains(hint) == true)
    #expect(error.span != nil)
  }

  @Test func noSpellingNamesTwoCommands() {
    var owners: [String: String] = [:]
    for command in CommandRegistry.commands {
      for spelling in [command.name] + command.aliases {
        #expect(owners[spelling] == nil, "\(spelling) names \(owners[spelling] ?? "") and \(command.name)")
        owners[spelling] = command.name
      }
    }
  }

  @Test(arguments: CommandRegistry.commands.map(\.name))
  func everyCommandHelpsWithinEightyColumns(name: String) throws {
    let session = Session(output: .discarding)
    let command = try #require(lookup.commands.first { $0.name == name })
    #expect(!command.help.examples.isEmpty)
    #expect(!command.summary.hasSuffix("."))
    for parameter in command.parameters { #expect(!parameter.summary.isEmpty) }
    let evaluation = session.evaluate(SourceLine(text: "help \(name)", origin: .prompt))
    guard case .success(let result) = evaluation.outcome else {
      Issue.record("help \(name) failed")
      return
    }
    let text = session.text(of: result)
    for line in text.lines { #expect(line.width <= 80, "\(line.text)") }
    #expect(text.text.contains(command.summary.split(separator: " ")[0]))
  }

  @Test(arguments: CommandRegistry.commands.map(\.name))
  func everyExampleNamesItsCommandAndFitsItsParameters(name: String) throws {
    let command = try #require(lookup.commands.first { $0.name == name })
    for example in command.help.examples {
      let source = SourceLine(text: example, origin: .prompt)
      let line = try ParsedLine(parsing: source)
      let match = try lookup.match(line.tokens, in: source)
      #expect(match.command.name == name, "\(example)")
      if command.parameters.isEmpty { #expect(match.consumed == line.tokens.count, "\(example)") }
    }
  }
}

extension Output {
  /// Output of a session that only evaluates.
  static var discarding: Output {
    let renderer = Renderer(usesColor: false, isASCII: false)
    return Output(renderer: renderer, errorRenderer: renderer)
  }
}
