// How programs and the shell split lines, read numbers and explain errors.

import GuestABI
import Testing

@testable import GuestSupport

/// The words of a line, or the reason why there are none.
private func split(_ line: String) -> Result<[String], FailedSplit> {
  var text = Array(line.utf8)
  return text.withUnsafeMutableBufferPointer { buffer in
    var words = Words(Bytes(buffer))
    var result: [String] = []
    do throws(Complaint) {
      while let word = try words.next() { result.append(String(decoding: word, as: UTF8.self)) }
      return .success(result)
    } catch {
      return .failure(FailedSplit(reason: error.reason.description))
    }
  }
}

private struct FailedSplit: Error, Equatable {
  let reason: String
}

private func decimal(_ text: String) -> UInt64? {
  Array(text.utf8).withUnsafeBufferPointer { $0.decimal }
}

@Suite struct WordsTests {
  @Test(arguments: [
    ("", []), ("  \t ", []), ("a", ["a"]), ("  a  b\n", ["a", "b"]), ("'a b' \"c 'd\"", ["a b", "c 'd"]),
    ("it's 5\" wide", ["it's", "5\"", "wide"]), ("'' x", ["", "x"]),
  ])
  func linesAreSplitAtSpacesOutsideQuotes(line: String, words: [String]) {
    #expect(split(line) == .success(words))
  }

  @Test func aMissingQuoteIsAComplaint() {
    #expect(split("a 'b c") == .failure(FailedSplit(reason: "the closing quote is missing")))
    #expect(split("\"") == .failure(FailedSplit(reason: "the closing quote is missing")))
  }

  @Test func textBehindAQuoteIsAComplaint() {
    #expect(split("'a'b") == .failure(FailedSplit(reason: "a closing quote must be followed by a space")))
  }

  @Test(arguments: [
    ("0", 0), ("18446744073709551615", UInt64.max), ("18446744073709551616", nil), ("", nil), ("-1", nil),
    ("1x", nil), ("99999999999999999999", nil), ("007", 7),
  ])
  func decimalNumbersAreReadExactlyOrNotAtAll(text: String, value: UInt64?) {
    #expect(decimal(text) == value)
  }

  @Test func trimmingTakesSpacesFromBothEnds() {
    let text = Array(" \ta b\r\n".utf8)
    #expect(text.withUnsafeBufferPointer { String(decoding: $0.trimmed, as: UTF8.self) } == "a b")
    let spaces = Array("  ".utf8)
    #expect(spaces.withUnsafeBufferPointer { $0.trimmed.count } == 0)
  }

  @Test func anUnknownErrorHasATextToo() {
    #expect(errorText(-4000).description == "unknown error")
    #expect(errorText(.min).description == "unknown error")
  }
}
