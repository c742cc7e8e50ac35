// What a command prints with `--json`, as a tree that checks are evaluated over. Callers must hand over the same value
// that the command prints: a check may not see more than a student can.

import Foundation

/// A JSON value.
///
/// Whole numbers keep all their bits, so that 64-bit addresses compare exactly.
public enum JSONValue: Equatable, Sendable {
  /// Nothing, or not known yet.
  case null
  /// True or false.
  case boolean(Bool)
  /// A whole number.
  case integer(Int128)
  /// A number with a fraction.
  case number(Double)
  /// Text.
  case text(String)
  /// Values in order.
  case list([JSONValue])
  /// Values by name.
  case object([String: JSONValue])

  /// The value's kind, as error messages name it.
  var kind: String {
    switch self {
    case .null: "null"
    case .boolean: "true or false"
    case .integer, .number: "a number"
    case .text: "text"
    case .list: "a list"
    case .object: "an object"
    }
  }

  /// Whether `self` is an object that carries the number or the name `key`.
  func isNamed(_ key: JSONValue) -> Bool {
    guard case .object(let members) = self else { return false }
    return switch key {
    case .integer: ["id", "number"].contains { members[$0] == key }
    case .text: ["name", "system", "kernel", "task", "component"].contains { members[$0] == key }
    default: false
    }
  }

  /// Whether `self` is an object that carries a number by which it is found.
  var isNumbered: Bool {
    guard case .object(let members) = self else { return false }
    return ["id", "number"].contains { members[$0] != nil }
  }

  /// The numbers that `self` stands for: a hexadecimal text such as `"0x80000000"` counts as the number it writes.
  var wholeNumber: Int128? {
    switch self {
    case .integer(let value): value
    case .text(let text) where text.hasPrefix("0x"): Int128(text.dropFirst(2), radix: 16)
    default: nil
    }
  }
}

extension JSONValue: Decodable {
  /// Decodes any JSON value.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .boolean(value)
    } else if let value = try? container.decode(Int64.self) {
      self = .integer(Int128(value))
    } else if let value = try? container.decode(UInt64.self) {
      self = .integer(Int128(value))
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .text(value)
    } else if let value = try? container.decode([JSONValue].self) {
      self = .list(value)
    } else {
      self = .object(try container.decode([String: JSONValue].self))
    }
  }

  /// Takes the JSON form of a command's result.
  ///
  /// - Throws: what the encoder throws for values that JSON cannot say, such as an infinite number.
  public init(encoding value: some Encodable) throws {
    self = try JSONDecoder().decode(JSONValue.self, from: JSONEncoder().encode(value))
  }
}
