// A student's answer: read from the words after `answer`, and judged against what the machine says. Callers must show
// the errors as they are: they name what can be answered.

import Foundation

/// How sure a student is.
public enum AnswerConfidence: String, Codable, CaseIterable, Sendable {
  /// Sure.
  case sure
  /// They think so.
  case think
  /// They guess.
  case guess
}

/// What a student answered.
public struct GivenAnswer: Codable, Equatable, Sendable {
  /// The numbers of the options in the file: one for a choice, all in the student's order for an order.
  public var options: [Int] = []
  /// The number, for a question that asks for one.
  public var number: Double?
  /// The answer in words.
  public let text: String
}

/// Why words are no answer to a question.
public struct AnswerError: Error, Equatable, Sendable {
  /// What is wrong.
  public let message: String
  /// What can be answered.
  public let hint: String
}

extension PresentedQuestion {
  /// How the question is answered, as a hint shows it.
  public var usage: String {
    let how = question.asksConfidence ? "; add `sure`, `think` or `guess`" : ""
    let letters = options.map(\.letter)
    return switch variant.form {
    case .choice: letters.map { "`answer \($0)`" }.joined(separator: ", ") + how
    case .number(let number): "`answer 12`\(number.unit.map { ", in \($0)" } ?? "")" + how
    case .order:
      "all \(letters.count) letters in your order, as in `answer \(letters.reversed().joined(separator: " "))`" + how
    }
  }

  /// Whether these words answer the question, but leave out how sure the student is although that is asked.
  public func lacksConfidence(_ words: [String]) -> Bool {
    guard question.asksConfidence, let read = try? answer(from: words) else { return false }
    return read.confidence == nil
  }

  /// Reads an answer.
  ///
  /// - Parameter words: The words after `answer`.
  /// - Throws: ``AnswerError``.
  func answer(from words: [String]) throws(AnswerError) -> (answer: GivenAnswer, confidence: AnswerConfidence?) {
    var words = words.map { $0.lowercased() }
    // In an order, commas may stand between the letters; in a number they set thousands apart.
    if case .order = variant.form { words = words.flatMap { $0.split(separator: ",").map(String.init) } }
    let confidence = takeConfidence(from: &words)
    guard !words.isEmpty else { throw AnswerError(message: "an answer is missing", hint: usage) }
    switch variant.form {
    case .choice:
      guard words.count == 1 else { throw AnswerError(message: "one letter is asked for", hint: usage) }
      let option = try option(words[0])
      return (GivenAnswer(options: [option.index], text: "\(option.letter)) \(option.plainText)"), confidence)
    case .number(let number):
      if words.count > 1, words.dropFirst().joined(separator: " ") == number.unit?.lowercased() { words = [words[0]] }
      guard words.count == 1, let value = Self.number(words[0]) else {
        throw AnswerError(message: "`\(words.joined(separator: " "))` is no number", hint: usage)
      }
      let unit = number.unit.map { " " + $0 } ?? ""
      return (GivenAnswer(number: value, text: ValueText.number(value) + unit), confidence)
    case .order:
      if words.count == 1, words[0].count == options.count { words = words[0].map { String($0) } }
      var chosen: [Option] = []
      for word in words { chosen.append(try option(word)) }
      guard Set(chosen.map(\.letter)).count == options.count, chosen.count == options.count else {
        throw AnswerError(message: "each of the \(options.count) letters once is asked for", hint: usage)
      }
      return (GivenAnswer(options: chosen.map(\.index), text: chosen.map(\.letter).joined(separator: " ")), confidence)
    }
  }

  /// A confidence is a word at the end, or its first letter where no option has that letter.
  private func takeConfidence(from words: inout [String]) -> AnswerConfidence? {
    guard words.count > 1, let last = words.last, !options.contains(where: { $0.letter == last }) else { return nil }
    guard let found = AnswerConfidence.allCases.first(where: { $0.rawValue.hasPrefix(last) }) else { return nil }
    words.removeLast()
    return found
  }

  private func option(_ word: String) throws(AnswerError) -> Option {
    let letter = word.hasSuffix(")") ? String(word.dropLast()) : word
    guard let option = options.first(where: { $0.letter == letter }) else {
      throw AnswerError(message: "there is no option `\(word)`", hint: usage)
    }
    return option
  }

  private static func number(_ text: String) -> Double? {
    let digits = text.filter { $0 != "_" && $0 != "," }
    if digits.hasPrefix("0x") { return UInt64(digits.dropFirst(2), radix: 16).map { Double($0) } }
    let factors: [Character: Double] = ["k": 1e3, "m": 1e6]
    let factor = digits.last.flatMap { factors[$0] }
    guard let value = Double(factor == nil ? digits[...] : digits.dropLast()), value.isFinite else { return nil }
    return value * (factor ?? 1)
  }

  // MARK: Judging

  /// Judges an answer against what the machine says now.
  ///
  /// - Throws: ``LessonError`` if the machine does not decide the question.
  func judge<Host: LessonHost>(
    _ answer: GivenAnswer, in state: inout ObservedState<Host>
  ) throws(LessonError) -> AnswerVerdict {
    let truth = try truth(in: &state)
    switch (truth, variant.form) {
    case (.option(let index), .choice(let options, let expression)):
      let right = "\(letter(of: index) ?? "?")) \(text(of: index))"
      let isCorrect = answer.options == [index]
      let chosen = answer.options.first.flatMap { options.indices.contains($0) ? options[$0] : nil }
      // What decided: the true option's condition, or that of the one chosen, which does not hold.
      let decisive = options[index].condition ?? expression ?? chosen?.condition
      return AnswerVerdict(
        isCorrect: isCorrect, truth: right, evidence: decisive.map { evidence($0, in: &state) } ?? [],
        misconception: isCorrect ? nil : chosen?.misconception?.name)
    case (.number(let value), .number(let asked)):
      let unit = asked.unit.map { " " + $0 } ?? ""
      return AnswerVerdict(
        isCorrect: answer.number.map { asked.tolerance.accepts($0, for: value) } ?? false,
        truth: ValueText.number(value) + unit, evidence: [], misconception: nil)
    case (.order(let values), .order):
      let given = answer.options.compactMap { values.indices.contains($0) ? values[$0] : nil }
      let right = values.indices.sorted { values[$0] < values[$1] }
      return AnswerVerdict(
        isCorrect: given.count == values.count && zip(given, given.dropFirst()).allSatisfy(<=),
        truth: right.compactMap { letter(of: $0) }.joined(separator: " "),
        evidence: right.map { "\(letter(of: $0) ?? "?") \(ValueText.number(values[$0]))" }, misconception: nil)
    default:
      throw LessonError(at: question.location, "this question cannot be judged")
    }
  }

  private func evidence<Host: LessonHost>(
    _ expression: LessonExpression, in state: inout ObservedState<Host>
  ) -> [String] {
    expression.expression.readings(in: &state).map { "\($0.path) is \(ValueText.shown($0.value))" }
  }
}

extension QuestionNumber.Tolerance {
  /// Whether an answer is near enough to the truth.
  func accepts(_ answer: Double, for truth: Double) -> Bool {
    switch self {
    case .exact: answer == truth
    case .difference(let most): abs(answer - truth) <= most
    case .part(let most): abs(answer - truth) <= abs(truth) * most
    case .factor(let most):
      truth == 0 ? answer == 0 : answer / truth >= 1 / most && answer / truth <= most
    }
  }
}
