// The command grammar: tokens, numbers, places of errors.

import Testing

@testable import Kernelarium

@Suite struct TokenizerTests {
  @Test func wordsNumbersRegistersAndStringsAreToldApart() throws {
    let tokens = try Tokenizer.tokens(of: #"sys read 3 "two words" $a0 /etc/motd"#)
    #expect(
      tokens.map(\.kind) == [.word, .word, .number(3), .string, .register, .word])
    #expect(tokens.map(\.text) == ["sys", "read", "3", "two words", "a0", "/etc/motd"])
  }

  @Test(arguments: [
    (#""\n\t\r\0\e\\\"\'""#, "\n\t\r\0\u{1b}\\\"'"), (#""\x41\u{e9}""#, "A\u{e9}"), (#"'\n stays'"#, #"\n stays"#),
    ("\"é∞\"", "é∞"),
  ])
  func escapesAreResolved(source: String, meaning: String) throws {
    #expect(try Tokenizer.tokens(of: source).map(\.text) == [meaning])
  }

  @Test func commentsEndTheLineOnlyWhereATokenCouldStart() throws {
    #expect(try Tokenizer.tokens(of: "help # list").map(\.text) == ["help"])
    #expect(try Tokenizer.tokens(of: "a#b").map(\.text) == ["a#b"])
    #expect(try Tokenizer.tokens(of: "\"# no comment\"").map(\.text) == ["# no comment"])
  }

  @Test(arguments: ["$a0=1", "$a0 = 1", "$a0 =1", "$a0= 1"])
  func assignmentsNeedNoSpaces(line: String) throws {
    #expect(try Tokenizer.tokens(of: line).map(\.kind) == [.register, .equals, .number(1)])
  }

  @Test func optionsTakeTheirValueAfterAnEqualsSign() throws {
    #expect(try Tokenizer.tokens(of: "--disk=a=b.img").map(\.text) == ["--disk", "a=b.img"])
    #expect(try Tokenizer.tokens(of: #"--disk="my disk""#).map(\.text) == ["--disk", "my disk"])
  }

  @Test(arguments: [
    ("sys \"open", 4, 5), ("a \"b\"c", 5, 1), ("x \"\\q\"", 3, 2), ("x \"\\x9\"", 3, 4), ("set $", 4, 1),
    ("ab\u{1}", 2, 1),
    ("wo\"rd", 2, 1),
  ])
  func errorsNameTheirPlaceAndACure(line: String, start: Int, length: Int) throws {
    let error = try #require(throws: CommandError.self) { try Tokenizer.tokens(of: line) }
    #expect(error.code == .syntax)
    #expect(error.span == SourceSpan(start: start, length: length))
    #expect(error.hint != nil)
  }

  @Test func quotedTextReadsBackAsItself() throws {
    for text in ["", "plain", "a\"b\\c\n\t\r\0", "\u{1b}[31m", "é \u{7f}", "'"] {
      let tokens = try Tokenizer.tokens(of: Quoting.quoted(text))
      #expect(tokens.map(\.text) == [text])
      #expect(tokens.map(\.kind) == [.string])
    }
  }

  @Test func garbageIsTokenisedOrRefusedButNeverCrashes() {
    var random = SplitMix64(seed: 7)
    let alphabet = Array("abx0159_$\"'\\#=/-+.{} \t\n\u{1}é€uUxn")
    var refused = 0
    for _ in 0..<20_000 {
      let line = String(
        (0..<Int(random.next() % 24)).map { _ in alphabet[Int(random.next() % UInt64(alphabet.count))] })
      do {
        let tokens = try Tokenizer.tokens(of: line)
        let count = line.count
        for token in tokens { #expect(token.span.start >= 0 && token.span.end <= count) }
        for token in tokens { _ = try? AddressExpression(parsing: token) }
      } catch {
        refused += 1
        let span = error.span
        #expect(span.map { $0.start <= line.count } ?? true)
        _ = ErrorText.text(error, in: SourceLine(text: line, origin: .prompt))
      }
    }
    #expect(refused > 1000, "the alphabet should make many lines that are refused")
  }
}

@Suite struct NumberLiteralTests {
  @Test(arguments: [
    ("0", 0), ("42", 42), ("1_000_000", 1_000_000), ("0x1F", 31), ("0xdead_beef", 0xdead_beef), ("0b101", 5),
    ("0o17", 15),
    ("18446744073709551615", UInt64.max), ("-1", UInt64.max), ("-0x8000000000000000", 1 << 63),
  ])
  func literalsOfAllBasesAreRead(text: String, value: UInt64) throws {
    #expect(try NumberLiteral.parse(text) == value)
  }

  @Test func suffixesMultiply() throws {
    #expect(try NumberLiteral.parse("5M", suffixes: .decimal) == 5_000_000)
    #expect(try NumberLiteral.parse("64K", suffixes: .binary) == 65536)
    #expect(try NumberLiteral.parse("2g", suffixes: .binary) == 2 << 30)
    #expect(throws: NumberLiteral.Failure.badDigit("M", offset: 1, base: 10)) { try NumberLiteral.parse("5M") }
  }

  @Test(arguments: [
    ("", NumberLiteral.Failure.notANumber), ("abc", .notANumber), ("-", .notANumber), ("$1", .notANumber),
    ("0x", .noDigits), ("0b2", .badDigit("2", offset: 2, base: 2)), ("12a", .badDigit("a", offset: 2, base: 10)),
    ("18446744073709551616", .tooLarge), ("0x10000000000000000", .tooLarge), ("-9223372036854775809", .tooLarge),
    ("99999999999999G", .badDigit("G", offset: 14, base: 10)),
  ])
  func whatIsNoNumberIsRefusedWithAReason(text: String, failure: NumberLiteral.Failure) {
    #expect(throws: failure) { try NumberLiteral.parse(text) }
  }

  @Test func suffixOverflowIsRefused() {
    #expect(throws: NumberLiteral.Failure.tooLarge) { try NumberLiteral.parse("99999999999999G", suffixes: .decimal) }
  }
}

/// A small seeded generator (Steele, Lea and Flood, 2014), so that failures can be repeated.
struct SplitMix64 {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
