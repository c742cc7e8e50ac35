// From typed arguments to the words and bytes that the agent passes to a library function.
//
// Nothing here touches a guest: what is wrong with the arguments is found before the system changes.

import GuestABI
import Machine

/// A call's argument words and the bytes they point to.
struct MarshalledCall {
  /// Registers a0…a5.
  private(set) var arguments: [UInt64] = []
  /// Bytes for the mailbox's data area.
  private(set) var data: [UInt8] = []
  /// Where the call's output appears, in the agent's memory.
  private(set) var output: Range<UInt64>?

  private let base: UInt64
  private let call: LibraryCall

  /// Checks and lays out arguments.
  ///
  /// - Parameters:
  ///   - call: The library function.
  ///   - values: As typed.
  ///   - mailbox: The mailbox's address in the agent's memory.
  init(_ call: LibraryCall, _ values: [CallArgument], mailbox: UInt64) throws(LabError) {
    self.call = call
    base = mailbox + UInt64(Mailbox.data)
    var rest = values[...]
    for parameter in call.parameters { try add(parameter, from: &rest) }
    if let extra = rest.first {
      throw LabError(
        .badArgument, "`\(call.name)` takes \(call.parameters.count) arguments; \(extra.shown) is too much",
        hint: call.usage)
    }
    guard data.count <= Mailbox.dataSize else {
      throw LabError(
        .badArgument,
        "the arguments of `\(call.name)` need \(data.count) bytes; at most \(Mailbox.dataSize) can be passed",
        hint: "make several calls")
    }
  }

  private mutating func add(_ parameter: LibraryCall.Parameter, from rest: inout ArraySlice<CallArgument>)
    throws(LabError)
  {
    switch parameter {
    case .path: place(try required(parameter, &rest))
    case .input: place(try required(parameter, &rest))
    case .text: place(rest.popFirst()?.bytes ?? [])
    case .address: arguments.append(UInt64(try internetAddress(parameter, &rest).bits))
    case .number: arguments.append(UInt64(bitPattern: try number(parameter, &rest)))
    case .flags:
      var flags = OpenFlags()
      while let word = rest.popFirst() { flags.formUnion(try Self.flags(word, of: call)) }
      arguments.append(flags.rawValue)
    case .output:
      let count = try number(parameter, &rest)
      let room = Mailbox.dataSize - data.count
      guard count >= 0, count <= room else {
        throw LabError(
          .badArgument, "`\(call.name)` cannot read \(count) bytes at once; 0 to \(room) are possible", hint: call.usage
        )
      }
      reserve(Int(count))
      arguments.append(UInt64(count))
    case .status: reserve(MemoryLayout<FileStatus>.size)
    }
  }

  private mutating func place(_ bytes: [UInt8]) {
    arguments.append(base + UInt64(data.count))
    arguments.append(UInt64(bytes.count))
    data += bytes
    align()
  }

  private mutating func reserve(_ count: Int) {
    let start = base + UInt64(data.count)
    arguments.append(start)
    output = start..<start + UInt64(count)
    data += [UInt8](repeating: 0, count: count)
    align()
  }

  private mutating func align() {
    while data.count % 8 != 0 { data.append(0) }
  }

  private func required(
    _ parameter: LibraryCall.Parameter, _ rest: inout ArraySlice<CallArgument>
  ) throws(LabError) -> [UInt8] {
    guard let value = rest.popFirst() else { throw missing(parameter) }
    return value.bytes
  }

  private func number(
    _ parameter: LibraryCall.Parameter, _ rest: inout ArraySlice<CallArgument>
  ) throws(LabError) -> Int64 {
    guard let value = rest.popFirst() else { throw missing(parameter) }
    guard case .number(let number) = value else {
      throw LabError(
        .badArgument, "`\(call.name)` expects a number for \(parameter.shown), not \(value.shown)", hint: call.usage)
    }
    return number
  }

  private func internetAddress(
    _ parameter: LibraryCall.Parameter, _ rest: inout ArraySlice<CallArgument>
  ) throws(LabError) -> IPv4Address {
    guard let value = rest.popFirst() else { throw missing(parameter) }
    switch value {
    case .number(let number): if let bits = UInt32(exactly: number) { return IPv4Address(bits: bits) }
    case .text(let text): if let address = IPv4Address(text) { return address }
    case .bytes: break
    }
    throw LabError(
      .badArgument, "`\(call.name)` expects an address such as 10.0.2.2, not \(value.shown)", hint: call.usage)
  }

  private func missing(_ parameter: LibraryCall.Parameter) -> LabError {
    LabError(.badArgument, "`\(call.name)` needs \(parameter.shown)", hint: call.usage)
  }

  private static func flags(_ word: CallArgument, of call: LibraryCall) throws(LabError) -> OpenFlags {
    let known: [(String, OpenFlags)] = [
      ("write", .write), ("create", .create), ("truncate", .truncate), ("append", .append),
    ]
    guard case .text(let text) = word else {
      if case .number(let bits) = word { return OpenFlags(rawValue: UInt64(bitPattern: bits)) }
      throw LabError(.badArgument, "\(word.shown) is no flag of `\(call.name)`", hint: call.usage)
    }
    var flags = OpenFlags()
    for part in text.split(whereSeparator: { $0 == "|" || $0 == "," }).map(String.init) {
      guard let flag = known.first(where: { $0.0 == part }) else {
        throw LabError(
          .badArgument,
          "`\(part)` is no flag of `\(call.name)`\(Nearest.suggestion(for: part, among: known.map(\.0)))",
          hint: "flags: " + known.map(\.0).joined(separator: " "))
      }
      flags.formUnion(flag.1)
    }
    return flags
  }
}

extension CallArgument {
  /// The bytes that a pointer argument passes.
  var bytes: [UInt8] {
    switch self {
    case .text(let text): Array(text.utf8)
    case .number(let number): Array(String(number).utf8)
    case .bytes(let bytes): bytes
    }
  }

  /// For messages.
  var shown: String {
    switch self {
    case .text(let text): "`\(text)`"
    case .number(let number): "`\(number)`"
    case .bytes(let bytes): "\(bytes.count) bytes"
    }
  }
}

extension LibraryCall {
  /// One line that shows how the call is typed.
  var usage: String {
    (["usage: sys", name] + parameters.filter { $0 != .status }.map(\.placeholder)).joined(separator: " ")
  }
}

extension LibraryCall.Parameter {
  /// In a usage line.
  var placeholder: String {
    switch self {
    case .path: "\"PATH\""
    case .text: "[\"TEXT\"]"
    case .input: "\"BYTES\""
    case .output: "COUNT"
    case .number(let name): name.uppercased()
    case .address: "ADDRESS"
    case .flags: "[FLAGS]"
    case .status: ""
    }
  }

  /// In a message.
  var shown: String {
    switch self {
    case .path: "a path or name"
    case .text: "a text"
    case .input: "the bytes to write"
    case .output: "the number of bytes to read"
    case .number(let name): "a number, the \(name)"
    case .address: "an Internet address"
    case .flags: "flags"
    case .status: "room for the status"
    }
  }
}
