// The arguments of one command, bound to its parameters: everything that can be wrong with a line is found here, before
// the command runs.

/// The values of a command's parameters.
struct Arguments: Sendable {
  private var values: [String: [any Sendable]] = [:]
  private var positions: [String: [SourceSpan]] = [:]
  /// What followed the slash of the command's name, if anything did.
  let format: Token?
  /// The line, for errors about something missing.
  let source: SourceLine

  /// Binds the tokens after the command's name.
  ///
  /// - Parameter tolerates: For lines that are only judged and never run: whether a value that cannot be read counts as
  ///   right nevertheless.
  init(
    _ tokens: ArraySlice<Token>, format: Token?, of command: some Command, source: SourceLine, in session: Session,
    tolerating tolerates: (any CommandParameter, CommandError) -> Bool = { _, _ in false }
  ) throws(CommandError) {
    self.format = format
    self.source = source
    if let format, !command.takesFormat {
      throw CommandError(
        .unexpectedArgument, "`\(command.name)` takes no format", hint: "leave out the part from the slash on",
        at: format.span)
    }
    let positional = command.parameters.filter(\.isPositional)
    var next = 0
    var rest = tokens
    while let token = rest.popFirst() {
      // A word is an option only where options exist, so that `run cat -n` reaches the program.
      if token.kind == .word, token.text.hasPrefix("--"), !Self.isInRemaining(positional, next) {
        try bindOption(token, &rest, of: command, in: session, tolerates)
        continue
      }
      guard next < positional.count else {
        throw CommandError(
          .unexpectedArgument, "`\(command.name)` takes no further argument after this",
          hint: "usage: \(command.usage)", at: token.span)
      }
      try add(positional[next], token, in: session, tolerates)
      if case .remaining = positional[next].form { continue }
      next += 1
    }
    for parameter in positional {
      let given = values[parameter.label]?.count ?? 0
      let needed: Int
      switch parameter.form {
      case .required: needed = 1
      case .remaining(let minimum): needed = minimum
      case .optional, .option, .flag: needed = 0
      }
      if given < needed {
        throw CommandError(
          .missingArgument, "`\(command.name)` needs \(parameter.label): \(parameter.summary)",
          hint: command.help.examples.first.map { "for example `\($0)`" } ?? "usage: \(command.usage)",
          at: source.endSpan)
      }
    }
  }

  private static func isInRemaining(_ positional: [any CommandParameter], _ next: Int) -> Bool {
    guard next < positional.count, case .remaining = positional[next].form else { return false }
    return !positional[next].mixesWithOptions
  }

  private mutating func bindOption(
    _ token: Token, _ rest: inout ArraySlice<Token>, of command: some Command, in session: Session,
    _ tolerates: (any CommandParameter, CommandError) -> Bool
  ) throws(CommandError) {
    let options = command.parameters.filter { !$0.isPositional }
    guard let option = options.first(where: { $0.label == token.text }) else {
      let nearest = NearestMatch.nearest(to: token.text, among: options.map(\.label))
      let list = options.map(\.label).joined(separator: ", ")
      throw CommandError(
        .unexpectedArgument, "`\(command.name)` has no option `\(token.text)`",
        hint: nearest.map { "did you mean `\($0)`?" }
          ?? (options.isEmpty ? "it has no options; usage: \(command.usage)" : "its options: \(list)"),
        at: token.span)
    }
    if values[option.label] != nil {
      throw CommandError(.unexpectedArgument, "`\(token.text)` is given twice", hint: "give it once", at: token.span)
    }
    if case .option(let valueName) = option.form {
      guard let value = rest.popFirst() else {
        throw CommandError(
          .missingArgument, "`\(token.text)` needs \(valueName): \(option.summary)", hint: "usage: \(command.usage)",
          at: source.endSpan)
      }
      try add(option, value, in: session, tolerates)
    } else {
      try add(option, token, in: session, tolerates)
    }
  }

  private mutating func add(
    _ parameter: any CommandParameter, _ token: Token, in session: Session,
    _ tolerates: (any CommandParameter, CommandError) -> Bool
  ) throws(CommandError) {
    do {
      values[parameter.label, default: []].append(try parameter.parse(token, in: session))
    } catch {
      var located = error
      if located.span == nil { located.span = token.span }
      guard tolerates(parameter, located) else { throw located }
      values[parameter.label, default: []].append(token)
    }
    positions[parameter.label, default: []].append(token.span)
  }

  /// Where a parameter's first value stood.
  func span(of parameter: some CommandParameter) -> SourceSpan? { positions[parameter.label]?.first }

  /// Where each of a parameter's values stood.
  func spans(of parameter: some CommandParameter) -> [SourceSpan] { positions[parameter.label] ?? [] }

  // The casts below cannot fail: a value is stored under a label only by the parameter of that label, which has the
  // value's type; binding has refused lines in which a required parameter is missing.

  subscript<Value>(parameter: Required<Value>) -> Value {
    // swift-format-ignore: NeverForceUnwrap
    values[parameter.label]!.first as! Value
  }

  subscript<Value>(parameter: Optionally<Value>) -> Value? { values[parameter.label]?.first as? Value }

  subscript<Value>(parameter: ValueOption<Value>) -> Value? { values[parameter.label]?.first as? Value }

  subscript<Value>(parameter: Remaining<Value>) -> [Value] {
    (values[parameter.label] ?? []).compactMap { $0 as? Value }
  }

  subscript(parameter: FlagOption) -> Bool { values[parameter.label] != nil }
}
