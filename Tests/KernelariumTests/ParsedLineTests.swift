// Lines, formats and address expressions.

import Lab
import Testing

@testable import Kernelarium

@Suite struct ParsedLineTests {
  private func parse(_ text: String) throws -> ParsedLine {
    try ParsedLine(parsing: SourceLine(text: text, origin: .prompt))
  }

  @Test func aFormatIsSplitFromTheName() throws {
    let line = try parse("x/8gx $sp")
    #expect(line.tokens.map(\.text) == ["x", "sp"])
    #expect(line.format?.text == "8gx")
    #expect(line.format?.span == SourceSpan(start: 2, length: 3))
  }

  @Test(arguments: ["/bin/ls", "./a", "3/4"])
  func pathsAreNoFormats(word: String) throws {
    let line = try parse(word)
    #expect(line.format == nil)
    #expect(line.tokens.map(\.text) == [word])
  }

  @Test func emptyLinesAndCommentsAreEmpty() throws {
    #expect(try parse("").isEmpty)
    #expect(try parse("   # nothing").isEmpty)
  }

  @Test(arguments: [
    ("8gx", 8, 8, ExamineFormat.Style.hexadecimal), ("i", 1, 8, .instruction), ("s", 1, 1, .string),
    ("3wd", 3, 4, .decimal),
    ("xg2", 0, 0, .hexadecimal), ("c", 1, 1, .character), ("4xb", 4, 1, .hexadecimal),
  ])
  func examineFormatsAreGdbs(text: String, count: Int, unit: Int, style: ExamineFormat.Style) throws {
    let token = Token(kind: .word, text: text, span: SourceSpan(start: 2, length: text.count))
    if count == 0 {
      let error = try #require(throws: CommandError.self) { try ExamineFormat(parsing: token) }
      #expect(error.span == SourceSpan(start: 4, length: 1))
    } else {
      #expect(try ExamineFormat(parsing: token) == ExamineFormat(count: count, style: style, unit: unit))
    }
  }

  @Test func anExcessiveCountIsRefused() throws {
    let token = Token(kind: .word, text: "99999x", span: SourceSpan(start: 2, length: 6))
    let error = try #require(throws: CommandError.self) { try ExamineFormat(parsing: token) }
    #expect(error.span == SourceSpan(start: 2, length: 5))
  }
}

@Suite struct AddressExpressionTests {
  private func value(_ text: String) throws -> UInt64 {
    let token = try #require(try Tokenizer.tokens(of: text).first)
    return try AddressExpression(parsing: token).value { term, span throws(CommandError) in
      switch term {
      case .number(let number): return number
      case .register(let name) where name == "sp": return 0x1000
      case .symbol(let name) where name == "main": return 0x8000
      default: throw CommandError(.unknownName, "unknown", at: span)
      }
    }
  }

  @Test(arguments: [
    ("16", 16), ("$sp", 0x1000), ("$sp+0x10", 0x1010), ("main-4", 0x7ffc), ("*main", 0x8000), ("$sp+main+1", 0x9001),
    ("*0x80000000", 0x8000_0000), ("$sp-0x1001", UInt64.max),
  ])
  func sumsAreEvaluated(text: String, expected: UInt64) throws {
    #expect(try value(text) == expected)
  }

  @Test(arguments: [("$sp+", 4), ("$sp++1", 4), ("$sp+0xzz", 4), ("main+other", 5), ("$sp+$", 4)])
  func errorsPointAtTheTerm(text: String, start: Int) throws {
    let error = try #require(throws: CommandError.self) { try value(text) }
    #expect(error.span?.start == start)
  }
}
