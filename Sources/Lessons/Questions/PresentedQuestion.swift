// A question as it is put to one student: one variant, its values computed by the machine, its options with letters.
// Callers must keep it until the question is answered: it says what the letters mean.

/// A question as it is shown.
public struct PresentedQuestion: Equatable, Sendable {
  /// An option of a choice or an item of an order.
  public struct Option: Codable, Equatable, Sendable {
    /// The letter by which it is chosen.
    public let letter: String
    /// Its number in the file, from 0.
    public let index: Int
    /// Its text in Markdown.
    public let source: String

    /// Its text for reading.
    public var text: [MarkdownBlock] { MarkdownParser.parse(source) }
    /// Its text without mark-up.
    public var plainText: String { MarkdownBlock.plainText(of: text) }
  }

  /// What was shown to the student, as it is kept with the answer.
  public struct Shown: Codable, Equatable, Sendable {
    /// The number of the variant, from 0.
    public let variant: Int
    /// What is asked, in Markdown.
    public let prompt: String
    /// The options or items in the order of their letters; none for a number.
    public let options: [Option]
  }

  /// The question.
  public let question: LessonQuestion
  /// What is shown of it.
  public let shown: Shown
  /// Values that could not be computed: mistakes of the lesson.
  public let problems: [LessonError]

  /// The variant.
  public var variant: QuestionVariant { question.variants[shown.variant] }
  /// What is asked.
  public var prompt: [MarkdownBlock] { MarkdownParser.parse(shown.prompt) }
  /// The options or items in the order of their letters; none for a number.
  public var options: [Option] { shown.options }

  /// A question that was shown before; nil if it has changed since.
  init?(_ question: LessonQuestion, shown: Shown) {
    guard question.variants.indices.contains(shown.variant) else { return nil }
    let count =
      switch question.variants[shown.variant].form {
      case .choice(let options, _): options.count
      case .order(let items): items.count
      case .number: 0
      }
    guard shown.options.allSatisfy({ (0..<count).contains($0.index) }) else { return nil }
    self.question = question
    self.shown = shown
    problems = []
  }

  /// Puts a question.
  ///
  /// - Parameters:
  ///   - question: The question.
  ///   - seed: What is drawn at random starts from it: the variant, and the order in which items are shown.
  ///   - round: How often the question was put before; each time another variant comes up while there are any.
  ///   - state: Where its values come from.
  init<Host: LessonHost>(
    _ question: LessonQuestion, seed: UInt64, round: Int, in state: inout ObservedState<Host>
  ) {
    self.question = question
    var generator = QuestionGenerator(seed: seed, question: question.id)
    let order = question.variants.indices.shuffled(using: &generator)
    let variantNumber = order[round % order.count]
    for _ in 0..<round { _ = generator.next() }
    var problems: [LessonError] = []
    var filler = TextFiller(state: state)
    let variant = question.variants[variantNumber]
    let prompt = filler.fill(variant.prompt, &problems)
    var shown: [(index: Int, source: String)] = []
    switch variant.form {
    case .number: break
    case .choice(let options, _):
      let texts = options.map { filler.fill($0.text, &problems) }
      let marked = options.firstIndex(where: \.isMarked)
      for (index, text) in texts.enumerated() {
        // Filled in, a wrong option may say by accident what the right one or another one says.
        let isRepeated = texts[..<index].contains(text) || marked.map { texts[$0] == text } ?? false
        if index == marked || !isRepeated { shown.append((index, text)) }
      }
    case .order(let items):
      shown = items.enumerated().map { ($0.offset, filler.fill($0.element.text, &problems)) }
        .shuffled(using: &generator)
    }
    let options = shown.enumerated().map { number, option in
      Option(
        letter: String(UnicodeScalar(UInt8(ascii: "a") + UInt8(number))), index: option.index, source: option.source)
    }
    self.shown = Shown(variant: variantNumber, prompt: prompt, options: options)
    self.problems = problems
    state = filler.state
  }

  /// The options' letters by their numbers in the file.
  func letter(of index: Int) -> String? { options.first { $0.index == index }?.letter }
}

/// Fills texts from a state.
private struct TextFiller<Host: LessonHost> {
  var state: ObservedState<Host>

  mutating func fill(_ text: QuestionText, _ problems: inout [LessonError]) -> String {
    text.filled { expression in
      do throws(ExpressionError) {
        let value = try expression.expression.value(in: &state)
        if value != .null { return ValueText.plain(value) }
        problems.append(LessonError(at: expression.location, "the machine has no value for this yet"))
      } catch {
        problems.append(error.lessonError(in: expression.expression, at: expression.location))
      }
      return "?"
    }
  }
}

/// Random numbers that belong to one question and one seed (SplitMix64).
struct QuestionGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64, question: String) {
    state = seed
    for byte in question.utf8 { state = (state ^ UInt64(byte)) &* 0x100_0000_01b3 }
  }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}

extension MarkdownBlock {
  /// The text of blocks without mark-up, on one line.
  public static func plainText(of blocks: [MarkdownBlock]) -> String {
    blocks.map { block in
      switch block {
      case .heading(_, let text, _), .paragraph(let text): MarkdownInline.plainText(of: text)
      case .list(_, let items): items.map(plainText(of:)).joined(separator: " ")
      case .quotation(let blocks): plainText(of: blocks)
      case .code(let code): code.text.split(separator: "\n").joined(separator: " ")
      case .rule, .html: ""
      }
    }.joined(separator: " ")
  }
}
