import Foundation
import Testing

@testable import Lessons

@Suite struct JSONValueTests {
  private struct Report: Codable {
    var state = "running"
    var reason: String?
    var address = UInt64.max
    var ratio = 0.5
    var flags = [true, false]
  }

  @Test func aCommandsResultKeepsItsFieldsAndBits() throws {
    let value = try JSONValue(encoding: Report())
    #expect(
      value
        == .object([
          "state": .text("running"), "address": .integer(Int128(UInt64.max)), "ratio": .number(0.5),
          "flags": .list([.boolean(true), .boolean(false)]),
        ]))
  }

  @Test func truthValuesAreNotNumbers() throws {
    let value = try JSONDecoder().decode(JSONValue.self, from: Data("[true, 1, 0, -3, 1e3, null, \"1\"]".utf8))
    let expected: [JSONValue] = [
      .boolean(true), .integer(1), .integer(0), .integer(-3), .integer(1000), .null, .text("1"),
    ]
    #expect(value == .list(expected))
  }
}
