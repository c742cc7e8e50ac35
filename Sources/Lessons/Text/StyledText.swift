// Text with the reason for its looks, not the looks themselves: the program decides on colours, and prints nothing but
// the characters where colour is not wanted.

/// What a run of text is; several may hold at once.
public struct TextStyle: OptionSet, Hashable, Sendable {
  /// The bits.
  public let rawValue: UInt16

  /// A style of the given bits.
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// Emphasised.
  public static let emphasis = TextStyle(rawValue: 1 << 0)
  /// Strongly emphasised.
  public static let strong = TextStyle(rawValue: 1 << 1)
  /// Code inside a sentence, or a listing.
  public static let code = TextStyle(rawValue: 1 << 2)
  /// A heading.
  public static let heading = TextStyle(rawValue: 1 << 3)
  /// The text of a link.
  public static let link = TextStyle(rawValue: 1 << 4)
  /// Quoted text.
  public static let quotation = TextStyle(rawValue: 1 << 5)
  /// A command to type.
  public static let command = TextStyle(rawValue: 1 << 6)
  /// What a command prints.
  public static let output = TextStyle(rawValue: 1 << 7)
  /// What the student is asked to do.
  public static let task = TextStyle(rawValue: 1 << 8)
  /// Bullets, bars and other marks that are no text of the author's.
  public static let mark = TextStyle(rawValue: 1 << 9)
  /// What the student is asked.
  public static let question = TextStyle(rawValue: 1 << 10)
  /// A line of a picture made of characters.
  public static let picture = TextStyle(rawValue: 1 << 11)
  /// A note for the instructor.
  public static let note = TextStyle(rawValue: 1 << 12)
}

/// Characters of one style.
public struct StyledRun: Equatable, Sendable {
  /// The characters; no line end among them.
  public var text: String
  /// Their style.
  public var style: TextStyle

  /// Creates a run.
  public init(_ text: String, _ style: TextStyle = []) {
    self.text = text
    self.style = style
  }
}

/// A line of styled runs.
public struct StyledLine: Equatable, Sendable {
  /// The runs in order; no two neighbours have the same style.
  public private(set) var runs: [StyledRun] = []

  /// An empty line.
  public init() {}

  /// A line of one run.
  public init(_ text: String, _ style: TextStyle = []) { append(StyledRun(text, style)) }

  /// The characters without their styles.
  public var text: String { runs.map(\.text).joined() }

  /// The number of terminal columns the line takes.
  public var width: Int { runs.reduce(0) { $0 + DisplayWidth.of($1.text) } }

  mutating func append(_ run: StyledRun) {
    guard !run.text.isEmpty else { return }
    if let last = runs.last, last.style == run.style {
      runs[runs.count - 1].text += run.text
    } else {
      runs.append(run)
    }
  }
}

/// How wide characters are on a terminal.
enum DisplayWidth {
  /// The number of columns a text takes.
  static func of(_ text: String) -> Int {
    text.utf8.allSatisfy { $0 < 0x80 } ? text.utf8.count : text.reduce(0) { $0 + width(of: $1) }
  }

  /// East Asian wide characters and emoji take two columns (Unicode Standard Annex 11), marks of their own none.
  private static func width(of character: Character) -> Int {
    guard let scalar = character.unicodeScalars.first else { return 0 }
    if scalar.properties.generalCategory == .nonspacingMark || scalar.properties.generalCategory == .format { return 0 }
    if scalar.properties.isEmojiPresentation { return 2 }
    switch scalar.value {
    case 0x1100...0x115f, 0x2e80...0x303e, 0x3041...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe6f,
      0xff00...0xff60, 0xffe0...0xffe6, 0x20000...0x3fffd:
      return 2
    default:
      return 1
    }
  }
}
