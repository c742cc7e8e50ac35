// How lessons, steps and misconceptions may be called. Callers must refuse every other spelling with the rule.

/// The spelling of ids of lessons and steps.
enum Identifier {
  static let rule = "lower-case letters, digits and hyphens"

  static func isValid(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 64 && text.first != "-"
      && text.utf8.allSatisfy {
        switch $0 {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
        default: false
        }
      }
  }

  /// A valid id that resembles `text`.
  static func proposal(for text: String) -> String {
    let words = text.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
    let proposal = String(words.joined(separator: "-").prefix(64))
    return proposal.isEmpty ? "step" : proposal
  }
}
