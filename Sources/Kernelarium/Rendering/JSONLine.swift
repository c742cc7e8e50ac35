// The JSON view: one object a line per command. Equal values give equal bytes: keys are sorted, and nothing measured on
// the host may be in a value outside `bench`.

import Foundation

/// Writes the objects that `--json` prints.
enum JSONLine {
  /// The version of the objects' layout.
  static let version = 1

  /// The object of a command that succeeded, without a newline.
  static func success(command: String, instructionCount: UInt64, value: any CommandValue) throws -> String {
    let result = try json(value)
    return
      "{\"v\":\(version),\"cmd\":\(string(command)),\"ok\":true,\"icount\":\(instructionCount),\"result\":\(result)}"
  }

  /// The object of a command that failed, without a newline.
  static func failure(command: String, instructionCount: UInt64, error: CommandError) -> String {
    var fields = ["\"code\":\(string(error.code.rawValue))"]
    if let span = error.span { fields.append("\"column\":\(span.column)") }
    if let hint = error.hint { fields.append("\"hint\":\(string(hint))") }
    fields.append("\"message\":\(string(error.message))")
    return "{\"v\":\(version),\"cmd\":\(string(command)),\"ok\":false,\"icount\":\(instructionCount),"
      + "\"error\":{\(fields.joined(separator: ","))}}"
  }

  /// A value as JSON text with sorted keys.
  static func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  /// A string literal (RFC 8259, section 7).
  static func string(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where scalar.value < 0x20: result += "\\u" + Quoting.hexadecimal(scalar.value, digits: 4)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
