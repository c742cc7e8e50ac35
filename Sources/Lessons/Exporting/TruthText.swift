// What was true of a question, in words for readers of an exported lesson.

extension LessonRecord.Question {
  /// The answer in a phrase, without mark-up.
  var answer: String {
    switch (truth, presented.variant.form) {
    case (.option(let index), _):
      guard let option = presented.options.first(where: { $0.index == index }) else { return "" }
      return "\(option.letter)) \(option.plainText)"
    case (.number(let number), .number(let form)):
      let unit = form.unit.map { " " + $0 } ?? ""
      return ValueText.number(number) + unit + form.tolerance.phrase
    case (.number(let number), _): return ValueText.number(number)
    case (.order(let values), _):
      let letters = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
        .compactMap { index in presented.options.first { $0.index == index }?.letter }
      return letters.joined(separator: ", ")
    }
  }
}

extension QuestionNumber.Tolerance {
  /// What else is accepted, as the end of a sentence.
  fileprivate var phrase: String {
    switch self {
    case .exact: ""
    case .factor(let factor): " (within a factor of \(ValueText.number(factor)))"
    case .part(let part): " (within \(ValueText.number(part * 100)) %)"
    case .difference(let difference): " (within \(ValueText.number(difference)))"
    }
  }
}
