// The tool's settings by name: one row each for what `set` accepts and `show` prints.

import GuestABI
import Lab

/// A setting.
enum SettingName: String, CaseIterable, Sendable {
  case limit
  case seed
  case historyMemory = "history.memory"
  case json
  case quiet
  case color
  case ascii
  case kernelIsolatePageTable = "kernel.isolate-page-table"
  case kernelBufferedMessages = "kernel.buffered-messages"

  /// The setting that a token names; unambiguous prefixes are accepted.
  init(parsing token: Token) throws(CommandError) {
    let names = SettingName.allCases.map(\.rawValue)
    let found = names.filter { !token.text.isEmpty && $0.hasPrefix(token.text) }
    if found.count == 1, let setting = SettingName(rawValue: found[0]) {
      self = setting
      return
    }
    let nearest = NearestMatch.nearest(to: token.text, among: names)
    throw CommandError(
      .unknownName, "there is no setting `\(token.text)`",
      hint: nearest.map { "did you mean `\($0)`?" } ?? "one of: \(names.joined(separator: ", "))", at: token.span)
  }

  /// What it is for.
  var summary: String {
    switch self {
    case .limit: "instructions that one command may take"
    case .seed: "what pseudo-random choices start from, at the next boot"
    case .historyMemory: "bytes that each system's history may take"
    case .json: "one JSON object a line instead of text"
    case .quiet: "no hints, notes or progress"
    case .color: "colours in the output"
    case .ascii: "nothing but ASCII in the output"
    case .kernelIsolatePageTable: "user mode sees nothing of the kernel"
    case .kernelBufferedMessages: "messages take a buffer, not the fastpath"
    }
  }

  /// What it can be.
  var values: String {
    switch self {
    case .limit, .seed: "a number, with k, M and G for thousands"
    case .historyMemory: "an amount of memory, with K, M and G"
    case .json, .quiet, .color, .ascii, .kernelIsolatePageTable, .kernelBufferedMessages: "on or off"
    }
  }

  /// Its present value.
  func value(in session: Session) -> SettingValue {
    switch self {
    case .limit: .number(session.laboratory.limit)
    case .seed: .number(session.settings.seed)
    case .historyMemory: .number(session.laboratory.historyMemory)
    case .json: .flag(session.settings.json)
    case .quiet: .flag(session.settings.quiet)
    case .color: .flag(session.output.renderer.usesColor)
    case .ascii: .flag(session.output.renderer.isASCII)
    case .kernelIsolatePageTable: .flag(session.laboratory.kernelOption(.isolatePageTable))
    case .kernelBufferedMessages: .flag(session.laboratory.kernelOption(.bufferedMessages))
    }
  }

  /// Changes it.
  func set(_ token: Token, in session: Session) throws(CommandError) {
    switch self {
    case .limit: session.laboratory.limit = try ArgumentKind<UInt64>.count.parse(token, session)
    case .seed:
      session.settings.seed = try ArgumentKind.number("a seed", in: 0...UInt64.max, suffixes: .decimal).parse(
        token, session)
    case .historyMemory: session.laboratory.historyMemory = try ArgumentKind<UInt64>.bytes.parse(token, session)
    case .json: session.settings.json = try flag(token)
    case .quiet: session.settings.quiet = try flag(token)
    case .color:
      let isOn = try flag(token)
      session.output.renderer.usesColor = isOn
      session.output.errorRenderer.usesColor = isOn
    case .ascii:
      let isOn = try flag(token)
      session.output.renderer.isASCII = isOn
      session.output.errorRenderer.isASCII = isOn
    case .kernelIsolatePageTable: try set(.isolatePageTable, token, in: session)
    case .kernelBufferedMessages: try set(.bufferedMessages, token, in: session)
    }
  }

  /// Whether it is a switch of the current system's kernel and of those that boot later, not one of the tool.
  var isOfKernel: Bool { rawValue.hasPrefix("kernel.") }

  private func set(_ option: KernelOption, _ token: Token, in session: Session) throws(CommandError) {
    let isOn = try flag(token)
    try attempt(at: token.span) { () throws(LabError) in try session.laboratory.setKernelOption(option, to: isOn) }
  }

  private func flag(_ token: Token) throws(CommandError) -> Bool {
    switch token.text {
    case "on", "true", "yes", "1": return true
    case "off", "false", "no", "0": return false
    default:
      throw CommandError(
        .invalidArgument, "`\(token.text)` is neither on nor off", hint: "`set \(rawValue) on`", at: token.span)
    }
  }
}

/// A setting's value.
enum SettingValue: Encodable, Equatable, Sendable {
  case number(UInt64)
  case flag(Bool)

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .number(let number): try container.encode(number)
    case .flag(let isOn): try container.encode(isOn)
    }
  }

  var text: String {
    switch self {
    case .number(let number): NumberStyle.decimal(number)
    case .flag(let isOn): isOn ? "on" : "off"
    }
  }
}

/// Settings with their values.
struct SettingsValue: CommandValue {
  let settings: [String: SettingValue]
  private let order: [SettingName]

  init(_ names: [SettingName], in session: Session) {
    order = names
    settings = Dictionary(uniqueKeysWithValues: names.map { ($0.rawValue, $0.value(in: session)) })
  }

  private enum CodingKeys: CodingKey {
    case settings
  }

  func describe(in text: inout StyledText) {
    var table = Table([.fixed(""), .fixed(""), .text("")])
    for name in order {
      table.row([
        StyledLine(name.rawValue, .name), StyledLine(settings[name.rawValue]?.text ?? "", .strong),
        StyledLine(name.summary, .dim),
      ])
    }
    text.append(table.text())
  }
}
