// `set`: registers and memory of the current system, and the tool's own settings.

import Lab

/// Changes a register, memory or a setting.
struct SetCommand: Command {
  let name = "set"
  let group = CommandGroup.tool
  let summary = "change a register, memory or a setting"
  let help = CommandHelp(
    """
    `set $REGISTER = VALUE` and `set mem ADDRESS = VALUE` change the machine; gdb's `set var $a0 = 1` works too. A \
    value is a number, register, symbol or sum of these; a string's bytes go to memory as they are. `--bytes N` \
    writes 1, 2, 4 or 8 bytes (8 if not given), `--task T` in another address space; page permissions do not bind \
    you.

    `set kernel.isolate-page-table on` and `set kernel.buffered-messages on` switch the current system's kernel, from \
    its next system call on, and the kernels that boot later, those of `compare` included.

    `set SETTING VALUE` changes the tool: \(SettingName.allCases.filter { !$0.isOfKernel }.map { "`\($0.rawValue)`" }.joined(separator: ", ")). \
    `show` lists them.
    """,
    examples: ["set $a0 = 0x10", "set mem $sp+8 = 1 --bytes 4", "set limit 5M"],
    next: ["info registers", "x/gx $sp", "show settings"])
  var parameters: [any CommandParameter] { [Self.rest] }

  private static let rest = Remaining(
    "WHAT",
    ArgumentKind<Token>(
      parse: { token, _ throws(CommandError) in token },
      candidates: { prefix, session in
        prefix.hasPrefix("$")
          ? session.addressCandidates(prefix) : ["mem"] + SettingName.allCases.map(\.rawValue)
      }), minimum: 1, "a register, `mem ADDRESS` or a setting, then the value")

  func effect(of arguments: Arguments) -> CommandEffect {
    guard let first = arguments[Self.rest].first else { return .none }
    let changesSystem =
      first.kind == .register || ["mem", "var"].contains(first.text) || first.text.hasPrefix("kernel.")
    return changesSystem ? .changesSystem : .none
  }

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    var tokens = arguments[Self.rest][...]
    let source = arguments.source
    if tokens.first?.kind == .word, tokens.first?.text == "var" { tokens.removeFirst() }
    guard let first = tokens.popFirst() else {
      throw CommandError(.missingArgument, "`set` needs to know what", hint: "`set $a0 = 1`", at: source.endSpan)
    }
    if first.kind == .register { return try setRegister(first, &tokens, source, in: session) }
    if first.kind == .word, first.text == "mem" || first.text == "memory" {
      return try setMemory(&tokens, source, in: session)
    }
    let setting = try SettingName(parsing: first)
    if tokens.first?.kind == .equals { tokens.removeFirst() }
    guard let value = tokens.popFirst() else {
      throw CommandError(
        .missingArgument, "`set \(setting.rawValue)` needs a value: \(setting.values)",
        hint: "`show \(setting.rawValue)` has the present one", at: source.endSpan)
    }
    try Self.refuse(tokens.first)
    try setting.set(value, in: session)
    return CommandResult(
      SettingsValue([setting], in: session),
      next: setting.isOfKernel ? "The kernel follows with its next call; `compare null` shows what it costs." : nil)
  }

  private func setRegister(
    _ register: Token, _ tokens: inout ArraySlice<Token>, _ source: SourceLine, in session: Session
  ) throws(CommandError) -> CommandResult {
    try Self.expectEquals(&tokens, source)
    let value = try Self.value(&tokens, source, in: session)
    try Self.refuse(tokens.first)
    let system = try session.system()
    let before = try attempt(at: register.span) { () throws(LabError) in try system.value(ofRegister: register.text) }
    _ = try attempt(at: register.span) { () throws(LabError) in try system.setRegister(register.text, to: value) }
    return CommandResult(RegisterChange(register: register.text, before: before, value: value))
  }

  private func setMemory(
    _ tokens: inout ArraySlice<Token>, _ source: SourceLine, in session: Session
  ) throws(CommandError) -> CommandResult {
    let system = try session.system()
    let (count, owner) = try Self.options(&tokens, source, in: session)
    guard let addressToken = tokens.popFirst() else {
      throw CommandError(
        .missingArgument, "`set mem` needs an address", hint: "`set mem 0x80000000 = 1`", at: source.endSpan)
    }
    let address = try ArgumentKind<UInt64>.address.parse(addressToken, session)
    try Self.expectEquals(&tokens, source)
    let bytes: [UInt8]
    if let text = tokens.first, text.kind == .string {
      tokens.removeFirst()
      bytes = Array(text.text.utf8)
    } else {
      let value = try Self.value(&tokens, source, in: session)
      bytes = (0..<(count ?? 8)).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
    }
    try Self.refuse(tokens.first)
    try attempt(at: addressToken.span) { () throws(LabError) in
      try system.writeMemory(bytes, at: address, task: owner)
    }
    return CommandResult(MemoryChange(address: address, task: owner, bytes: bytes))
  }

  private static func options(
    _ tokens: inout ArraySlice<Token>, _ source: SourceLine, in session: Session
  ) throws(CommandError) -> (bytes: UInt64?, task: String?) {
    var bytes: UInt64?
    var task: String?
    while let index = tokens.firstIndex(where: { $0.kind == .word && $0.text.hasPrefix("--") }) {
      let option = tokens[index]
      guard index + 1 < tokens.endIndex else {
        throw CommandError(
          .missingArgument, "`\(option.text)` needs a value", hint: "for example --bytes 4", at: source.endSpan)
      }
      let value = tokens[index + 1]
      switch option.text {
      case "--bytes":
        let count = try ArgumentKind.number("a number of bytes", in: 1...8).parse(value, session)
        guard [1, 2, 4, 8].contains(count) else {
          throw CommandError(.invalidArgument, "\(count) bytes are no unit", hint: "1, 2, 4 or 8", at: value.span)
        }
        bytes = count
      case "--task": task = try ArgumentKind<String>.task.parse(value, session)
      default:
        throw CommandError(
          .unexpectedArgument, "`set mem` has no option `\(option.text)`", hint: "its options: --bytes, --task",
          at: option.span)
      }
      tokens = tokens[..<index] + tokens[(index + 2)...]
    }
    return (bytes, task)
  }

  private static func expectEquals(_ tokens: inout ArraySlice<Token>, _ source: SourceLine) throws(CommandError) {
    if tokens.first?.kind == .equals {
      tokens.removeFirst()
    } else {
      throw CommandError(
        .syntax, "expected `=` and a value", hint: "for example `set $a0 = 1`", at: tokens.first?.span ?? source.endSpan
      )
    }
  }

  private static func value(
    _ tokens: inout ArraySlice<Token>, _ source: SourceLine, in session: Session
  ) throws(CommandError) -> UInt64 {
    guard let token = tokens.popFirst() else {
      throw CommandError(
        .missingArgument, "the value is missing", hint: "for example `set $a0 = 1`", at: source.endSpan)
    }
    return try ArgumentKind<UInt64>.address.parse(token, session)
  }

  private static func refuse(_ token: Token?) throws(CommandError) {
    guard let token else { return }
    throw CommandError(
      .unexpectedArgument, "`set` takes no further argument after the value", hint: "`help set`", at: token.span)
  }
}

/// A register's change.
private struct RegisterChange: CommandValue {
  let register: String
  let before: UInt64
  let value: UInt64

  func describe(in text: inout StyledText) {
    text.line(
      "\(register, .name): \(NumberStyle.hexadecimal(before), .dim) ─▶ \(NumberStyle.hexadecimal(value), .strong)")
  }
}

/// A change of memory.
private struct MemoryChange: CommandValue {
  let address: UInt64
  let task: String?
  let bytes: [UInt8]

  func describe(in text: inout StyledText) {
    let shown = bytes.prefix(16).map { Quoting.hexadecimal($0, digits: 2) }.joined(separator: " ")
    let count = NumberStyle.count(bytes.count, "byte")
    let rest = bytes.count > 16 ? " …" : ""
    text.paragraph("\(NumberStyle.hexadecimal(address)): \(count) written, \(shown)\(rest)", hanging: 2)
  }
}
