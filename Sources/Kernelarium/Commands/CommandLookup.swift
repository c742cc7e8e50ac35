// Finds the command a line means: exact names, aliases, unique prefixes, names of one or two words, and the nearest
// match for what is misspelt.

/// The commands by their names.
struct CommandLookup: Sendable {
  private struct Entry: Sendable {
    let words: [String]
    let command: any Command
    let isAlias: Bool
  }

  /// A command and how many tokens its name took.
  struct Match {
    let command: any Command
    let consumed: Int
  }

  let commands: [any Command]
  private let entries: [Entry]

  init(_ commands: [any Command]) {
    self.commands = commands
    entries = commands.flatMap { command in
      [Entry(words: Self.words(command.name), command: command, isAlias: false)]
        + command.aliases.map { Entry(words: Self.words($0), command: command, isAlias: true) }
    }
  }

  private static func words(_ name: String) -> [String] { name.split(separator: " ").map(String.init) }

  /// The command that a line's first tokens name.
  func match(_ tokens: [Token], in source: SourceLine) throws(CommandError) -> Match {
    guard let first = tokens.first else {
      throw CommandError(.syntax, "there is no command here", hint: "`help` lists the commands")
    }
    if first.kind != .word {
      throw CommandError(
        .syntax, "a line starts with a command, not with \(Self.noun(first))", hint: "`help` lists the commands",
        at: first.span)
    }
    let word = try resolve(first, among: entries.map { ($0.words[0], $0.isAlias) }, known: "command")
    let family = entries.filter { $0.words[0] == word }
    let alone = family.first { $0.words.count == 1 }
    let longer = family.filter { $0.words.count == 2 }
    if longer.isEmpty, let alone { return Match(command: alone.command, consumed: 1) }

    guard tokens.count > 1 else {
      if let alone { return Match(command: alone.command, consumed: 1) }
      throw CommandError(
        .missingArgument, "`\(word)` needs to know about what",
        hint: Self.list(longer.filter { !$0.isAlias }.map { $0.words[1] }),
        at: source.endSpan)
    }
    let second = tokens[1]
    do {
      let found = try resolve(second, among: longer.map { ($0.words[1], $0.isAlias) }, known: word)
      if let entry = longer.first(where: { $0.words[1] == found }) { return Match(command: entry.command, consumed: 2) }
    } catch {
      if alone == nil || error.code == .ambiguousCommand { throw error }
    }
    guard let alone else {
      throw CommandError(.unknownCommand, "there is no `\(word) \(second.text)`", at: second.span)
    }
    return Match(command: alone.command, consumed: 1)
  }

  private static func noun(_ token: Token) -> String {
    switch token.kind {
    case .word: "a word"
    case .string: "a string"
    case .number: "a number"
    case .register: "a register"
    case .equals: "`=`"
    }
  }

  private static func list(_ words: [String]) -> String { "one of: " + words.joined(separator: ", ") }

  /// The full spelling of one word of a name.
  private func resolve(
    _ token: Token, among spellings: [(word: String, isAlias: Bool)], known: String
  ) throws(CommandError) -> String {
    let text = token.text
    if spellings.contains(where: { $0.word == text }) { return text }
    // Names come before aliases, so that an alias never makes a prefix of a name ambiguous.
    for aliases in [false, true] {
      var found: [String] = []
      for spelling in spellings where spelling.isAlias == aliases && spelling.word.hasPrefix(text) {
        if !found.contains(spelling.word) { found.append(spelling.word) }
      }
      if found.count == 1 { return found[0] }
      if found.count > 1 {
        throw CommandError(
          .ambiguousCommand, "`\(text)` could be several commands", hint: Self.list(found.sorted()), at: token.span)
      }
    }
    let nearest = NearestMatch.nearest(to: text, among: spellings.map(\.word))
    if known == "command" {
      throw CommandError(
        .unknownCommand, "there is no command `\(text)`",
        hint: nearest.map { "did you mean `\($0)`?" } ?? "`help` lists the commands", at: token.span)
    }
    let all = spellings.filter { !$0.isAlias }.map(\.word)
    throw CommandError(
      .unknownCommand, "there is no `\(known) \(text)`",
      hint: nearest.map { "did you mean `\(known) \($0)`?" } ?? Self.list(all), at: token.span)
  }

  /// Whether a name or an alias begins with this word, written out.
  func isFirstWord(_ word: String) -> Bool { entries.contains { $0.words[0] == word } }

  /// The words that could stand where a command's name is being typed.
  ///
  /// - Parameter words: The complete words before the one being typed.
  func nameCandidates(after words: [String]) -> [String] {
    var found: [String] = []
    for entry in entries where !entry.isAlias && entry.words.count > words.count {
      guard Array(entry.words.prefix(words.count)) == words else { continue }
      let word = entry.words[words.count]
      if !found.contains(word) { found.append(word) }
    }
    return found.sorted()
  }

  /// The full spelling of a name's first word, when it is unambiguous.
  func expansion(of token: Token) -> String? {
    try? resolve(token, among: entries.map { ($0.words[0], $0.isAlias) }, known: "command")
  }
}
