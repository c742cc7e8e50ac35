import Testing

@testable import Lessons

/// A source of fixed values that keeps what was asked.
private struct FixedState: StateSource {
  var roots: [StateRoot: JSONValue] = [:]
  var results: [String: JSONValue] = [:]
  var last: [(String, JSONValue)] = []
  var asked: [String] = []

  mutating func value(of root: StateRoot) -> JSONValue {
    asked.append(root.rawValue)
    return roots[root] ?? .null
  }

  mutating func result(of command: String) -> JSONValue {
    asked.append(command)
    return results[command] ?? .null
  }

  func lastResult(of words: String?) -> JSONValue {
    last.last { $0.0.hasPrefix(words ?? "") }?.1 ?? .null
  }

  func answer(to question: String) -> JSONValue {
    question == "p1" ? .object(["correct": .boolean(true), "value": .null]) : .null
  }
}

@Suite struct ExpressionTests {
  private static func task(_ name: String, _ restarts: Int128) -> JSONValue {
    .object(["name": .text(name), "restarts": .integer(restarts)])
  }

  private var state: FixedState {
    FixedState(
      roots: [
        .system: .object(["state": .text("panicked"), "reason": .null]),
        .tasks: .list([Self.task("agent", 0), Self.task("blk", 2)]),
        .faults: .list([.object(["id": .integer(1), "fired": .boolean(true)])]),
        .csr: .list([
          .object(["name": .text("scause"), "number": .integer(0x142), "value": .integer(8)]),
          .object(["name": .text("satp"), "number": .integer(0x180), "value": .integer(1)]),
        ]),
        .systems: .list([.object(["system": .text("mono"), "kernel": .text("monolithic")])]),
        .registers: .object(["a0": .integer(42), "pc": .text("0x80000000"), "sp": .integer(Int128(UInt64.max))]),
      ],
      results: ["pmap fs": .object(["regions": .list([.integer(1), .integer(2)])])],
      last: [
        ("compare read", .object(["rows": .list([.object(["kernel": .text("micro"), "cost": .number(1.5)])])])),
        ("sys read 3", .object(["returned": .integer(27)])),
      ])
  }

  private func value(_ source: String) throws(ExpressionError) -> JSONValue {
    var state = state
    return try Expression(source).value(in: &state)
  }

  @Test(arguments: [
    "system.state == \"panicked\"", "faults[1].fired", "not faults[2].fired", "tasks[\"blk\"].restarts >= 1",
    "faults[1].fired and system.state == \"panicked\"", "1 + 2 * 3 == 7", "(1 + 2) * 3 == 9", "-3 + 5 == 2",
    "7 / 2 == 3", "7 % 2 == 1", "1.5 * 2 == 3", "0x10 == 16 and 0b11 == 3", "1_000 == 1000",
    "any(task in tasks, task.restarts > 1)", "all(task in tasks, task.restarts >= 0)",
    "count(task in tasks, task.restarts == 0) == 1", "length(tasks) == 2", "contains(system.state, \"panic\")",
    "contains(\"panicked\", \"\")", "\"blk\" in tasks", "not (\"net\" in tasks)", "query \"pmap fs\".regions[0] == 1",
    "length(query(\"pmap fs\").regions) == 2", "last.returned == 27", "last \"compare\".rows[\"micro\"].cost == 1.5",
    "last(\"pmap\") == null", "last(\"pmap\").regions[3].owner == null", "system.reason == null",
    "system?.nothing == null", "registers.pc == 0x80000000", "registers.pc >= 0x8000_0000",
    "registers.sp == 18446744073709551615", "registers[\"a0\"] == 42", "tasks[1].name == \"blk\"", "tasks[9] == null",
    "csr[\"satp\"].value == 1 and csr[0x142].name == \"scause\"", "systems[\"mono\"] == systems[\"monolithic\"]",
    "csr[0] == null", "\"monolithic\" in systems", "false or true and true", "not false and not false", "\"a\" < \"b\"",
    "\"a\" + \"b\" == \"ab\"",
    "any(t in tasks, any(u in tasks, t.restarts < u.restarts))", "null == null", "not (null < 1)",
    "system.state != \"running\"", "2 in query \"pmap fs\".regions",
    "first(task in tasks, task.restarts > 0) == 1", "first(task in tasks, task.restarts > 9) == null",
    "tasks[first(t in tasks, t.restarts > 0)].name == \"blk\"", "sum(task in tasks, task.restarts + 1) == 4",
    "sum(x in last(\"pmap\").regions, 1) == null", "min(3, 1, 2) == 1", "max(1.5, 1) == 1.5", "max(1, null) == null",
  ]) func anExpressionIsTrue(_ source: String) throws {
    var state = state
    #expect(try Expression(source).holds(in: &state))
  }

  @Test(arguments: [
    "system.state == \"running\"", "faults[2].fired", "tasks[\"net\"].restarts >= 0", "null", "null < 1", "1 == \"1\"",
    "any(task in last(\"pmap\").regions, true)", "false and last.nothing", "\"0x10\" == \"16\"",
  ]) func anExpressionIsFalse(_ source: String) throws {
    var state = state
    #expect(try !Expression(source).holds(in: &state))
  }

  @Test(arguments: [
    ("", 0, "the end"), ("system.", 7, "after `.`"), ("sistem.state", 0, "did you mean `system`?"),
    ("system.state = 1", 13, "equality is `==`"), ("a && b", 2, "write `and`"), ("1 & 2", 2, "write `and`"),
    ("1 2", 2, "does not continue"), ("true adn false", 5, "did you mean `and`?"), ("1 < 2 < 3", 6, "chained"),
    ("\"open", 0, "never closed"), ("\"\\q\"", 1, "escape"), ("(1", 2, "`)`"), ("0xzz", 0, "is not a number"),
    ("any(tasks, true)", 4, "already has a meaning"), ("any(x of tasks, true)", 6, "`in`"),
    ("query pmap", 6, "quotation"), ("p1.correct", 0, "unknown name `p1`"), ("min()", 4, "value"),
    ("x", 0, "expected one of"), ("any(x in tasks, true) and x", 26, "unknown name `x`"), ("not", 3, "the end"),
  ]) func aMistakeIsFoundAtItsPlace(_ source: String, _ offset: Int, _ phrase: String) {
    let error = #expect(throws: ExpressionError.self) { _ = try Expression(source) }
    #expect(error?.offset == offset)
    #expect(error?.description.contains(phrase) == true, "\(error?.description ?? "")")
  }

  @Test func anExpressionThatMayUseAnswersReadsThem() throws {
    var state = state
    #expect(try Expression("p1.correct and not p2.correct", questions: ["p1", "p2"]).holds(in: &state))
    #expect(try Expression("p1.value == null", questions: ["p1"]).holds(in: &state))
  }

  @Test func aJudgementCanShowWhatItRead() throws {
    var state = state
    let expression = try Expression(
      "system.state == \"panicked\" and count(t in tasks, t.restarts > 0) > 0 or last(\"sys read\").returned < 1")
    let readings = expression.readings(in: &state)
    #expect(
      readings.map(\.path) == ["system.state", "count(t in tasks, t.restarts > 0)", "last(\"sys read\").returned"])
    #expect(readings.map(\.value) == [.text("panicked"), .integer(1), .integer(27)])
  }

  @Test(arguments: [
    ("system.stat", 6, "did you mean `state`?"), ("system.state < 3", 13, "between text and a number"),
    ("system.state.x", 12, "of text"), ("1 / 0", 2, "division by zero"), ("1 and true", 0, "a condition"),
    ("\"x\" - 1", 4, "two numbers"), ("length(1)", 7, "length"), ("any(x in 3, true)", 9, "a list"),
    ("tasks[true]", 5, "as the key"), ("3 in 4", 2, "in a number"),
    ("170141183460469231731687303715884105727 + 1", 40, "too large"), ("system", 0, "a condition"),
  ]) func aMeaninglessOperationIsNamed(_ source: String, _ offset: Int, _ phrase: String) throws {
    var state = state
    let expression = try Expression(source)
    let error = #expect(throws: ExpressionError.self) { _ = try expression.holds(in: &state) }
    #expect(error?.offset == offset)
    #expect(error?.description.contains(phrase) == true, "\(error?.description ?? "")")
  }

  @Test func onlyTheNamesThatAreNeededAreAsked() throws {
    var state = state
    _ = try Expression("system.state == \"running\" and tasks[0] == null").holds(in: &state)
    #expect(state.asked == ["system"])
  }

  @Test func deepAndLongExpressionsAreRefused() {
    let deep = String(repeating: "(", count: 5_000) + "1" + String(repeating: ")", count: 5_000)
    #expect(throws: ExpressionError.self) { _ = try Expression(deep) }
    #expect(throws: ExpressionError.self) { _ = try Expression(String(repeating: "not ", count: 5_000) + "true") }
    #expect(throws: ExpressionError.self) { _ = try Expression(String(repeating: "- ", count: 5_000) + "1") }
    #expect(throws: ExpressionError.self) { _ = try Expression("1" + String(repeating: " + 1", count: 5_000)) }
  }

  @Test func nestedQuantifiersEndInBoundedTime() throws {
    let many = JSONValue.list((0..<200).map { .integer($0) })
    var state = FixedState(roots: [.tasks: many])
    let expression = try Expression("all(a in tasks, all(b in tasks, all(c in tasks, a + b + c >= 0)))")
    let error = #expect(throws: ExpressionError.self) { _ = try expression.holds(in: &state) }
    #expect(error?.description.contains("too many steps") == true)
  }

  @Test func randomExpressionsNeverCrash() {
    var generator = SeededGenerator(seed: 3)
    let words = [
      "system", "tasks", "faults", "last", "query", "\"x\"", "\"blk\"", "1", "0", "0xff", "2.5", "-", "+", "*", "/",
      "%",
      "==", "<", "in", "and", "or", "not", "(", ")", "[", "]", ".", "?.", ",", "any", "all", "count", "length",
      "contains", "x", "state", "restarts", "fired", "null", "true", "\\", "\"", "é",
      "170141183460469231731687303715884105727",
    ]
    var parsed = 0
    for _ in 0..<20_000 {
      let count = Int.random(in: 1...9, using: &generator)
      let source = (0..<count).map { _ in words.randomElement(using: &generator) ?? "" }
        .joined(separator: Bool.random(using: &generator) ? " " : "")
      var state = state
      do throws(ExpressionError) {
        let expression = try Expression(source)
        parsed += 1
        _ = try expression.value(in: &state)
      } catch {
        #expect((0...source.count).contains(error.offset), "\(source)")
      }
    }
    #expect(parsed > 500)
  }
}
