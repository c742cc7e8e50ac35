// The parameters a command declares: required, optional or remaining words, options with a value, and flags. Each holds
// a typed argument kind, and is the key by which the command reads its value: a command must read only parameters that
// it lists in `parameters`.

/// A parameter without its value's type, for binding, help and completion.
protocol CommandParameter: Sendable {
  /// The name in capitals, or the option with its dashes.
  var label: String { get }
  var form: ParameterForm { get }
  /// What it is, for the help.
  var summary: String { get }
  /// Whether options may stand among its words; if not, a word with dashes belongs to it.
  var mixesWithOptions: Bool { get }
  /// Whether a value that does not start like one of these is refused; used by completion and nearest matches.
  func candidates(for prefix: String, in session: Session) -> [String]
  /// Reads one token.
  func parse(_ token: Token, in session: Session) throws(CommandError) -> any Sendable
}

/// How a parameter appears on the line.
enum ParameterForm: Equatable, Sendable {
  case required
  case optional
  /// All further words, at least `minimum`.
  case remaining(minimum: Int)
  /// `--name VALUE`, with the name of the value.
  case option(String)
  /// `--name`.
  case flag
}

extension CommandParameter {
  var mixesWithOptions: Bool { false }

  /// As it appears in the usage line.
  var usage: String {
    switch form {
    case .required: label
    case .optional: "[\(label)]"
    case .remaining(let minimum): minimum > 0 ? "\(label)…" : "[\(label)…]"
    case .option(let value): "[\(label) \(value)]"
    case .flag: "[\(label)]"
    }
  }

  var isPositional: Bool {
    switch form {
    case .required, .optional, .remaining: true
    case .option, .flag: false
    }
  }
}

/// A kind of argument: how it is read, and what could stand there.
struct ArgumentKind<Value: Sendable>: Sendable {
  /// Reads a token.
  let parse: @Sendable (Token, Session) throws(CommandError) -> Value
  /// Everything that could be typed, given what has been typed so far.
  let candidates: @Sendable (_ prefix: String, Session) -> [String]

  init(
    parse: @escaping @Sendable (Token, Session) throws(CommandError) -> Value,
    candidates: @escaping @Sendable (_ prefix: String, Session) -> [String] = { _, _ in [] }
  ) {
    self.parse = parse
    self.candidates = candidates
  }
}

/// A positional parameter that must be given.
struct Required<Value: Sendable>: CommandParameter {
  let label: String
  let summary: String
  let kind: ArgumentKind<Value>
  var form: ParameterForm { .required }

  init(_ label: String, _ kind: ArgumentKind<Value>, _ summary: String) {
    (self.label, self.kind, self.summary) = (label, kind, summary)
  }

  func candidates(for prefix: String, in session: Session) -> [String] { kind.candidates(prefix, session) }
  func parse(_ token: Token, in session: Session) throws(CommandError) -> any Sendable {
    try kind.parse(token, session)
  }
}

/// A positional parameter that may be left out.
struct Optionally<Value: Sendable>: CommandParameter {
  let label: String
  let summary: String
  let kind: ArgumentKind<Value>
  var form: ParameterForm { .optional }

  init(_ label: String, _ kind: ArgumentKind<Value>, _ summary: String) {
    (self.label, self.kind, self.summary) = (label, kind, summary)
  }

  func candidates(for prefix: String, in session: Session) -> [String] { kind.candidates(prefix, session) }
  func parse(_ token: Token, in session: Session) throws(CommandError) -> any Sendable {
    try kind.parse(token, session)
  }
}

/// All further words of the line.
struct Remaining<Value: Sendable>: CommandParameter {
  let label: String
  let summary: String
  let kind: ArgumentKind<Value>
  let minimum: Int
  let mixesWithOptions: Bool
  var form: ParameterForm { .remaining(minimum: minimum) }

  init(
    _ label: String, _ kind: ArgumentKind<Value>, minimum: Int = 0, mixesWithOptions: Bool = false, _ summary: String
  ) {
    (self.label, self.kind, self.minimum, self.summary) = (label, kind, minimum, summary)
    self.mixesWithOptions = mixesWithOptions
  }

  func candidates(for prefix: String, in session: Session) -> [String] { kind.candidates(prefix, session) }
  func parse(_ token: Token, in session: Session) throws(CommandError) -> any Sendable {
    try kind.parse(token, session)
  }
}

/// `--name VALUE` or `--name=VALUE`.
struct ValueOption<Value: Sendable>: CommandParameter {
  let label: String
  let summary: String
  let valueName: String
  let kind: ArgumentKind<Value>
  var form: ParameterForm { .option(valueName) }

  init(_ label: String, _ valueName: String, _ kind: ArgumentKind<Value>, _ summary: String) {
    (self.label, self.valueName, self.kind, self.summary) = (label, valueName, kind, summary)
  }

  func candidates(for prefix: String, in session: Session) -> [String] { kind.candidates(prefix, session) }
  func parse(_ token: Token, in session: Session) throws(CommandError) -> any Sendable {
    try kind.parse(token, session)
  }
}

/// `--name`, present or not.
struct FlagOption: CommandParameter {
  let label: String
  let summary: String
  var form: ParameterForm { .flag }

  init(_ label: String, _ summary: String) { (self.label, self.summary) = (label, summary) }

  func candidates(for prefix: String, in session: Session) -> [String] { [] }
  func parse(_ token: Token, in session: Session) throws(CommandError) -> any Sendable { true }
}
