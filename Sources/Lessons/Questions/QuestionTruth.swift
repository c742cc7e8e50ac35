// Asks the machine what is true of a question. Nothing of the author's mark enters here; callers judge in forked copies.

/// What the machine says about a question.
public enum QuestionTruth: Equatable, Sendable {
  /// The option of that number in the file is true.
  case option(Int)
  /// The number, and the value as the machine gave it.
  case number(Double)
  /// The items' values, by their numbers in the file.
  case order([Double])
}

extension PresentedQuestion {
  /// What is true now.
  ///
  /// - Throws: ``LessonError`` if the machine does not decide the question: not exactly one option is true, or a value
  ///   is missing.
  func truth<Host: LessonHost>(in state: inout ObservedState<Host>) throws(LessonError) -> QuestionTruth {
    switch variant.form {
    case .choice(let options, let answer?): return .option(try option(of: options, equalTo: answer, in: &state))
    case .choice(let options, nil): return .option(try trueOption(of: options, in: &state))
    case .number(let number): return .number(try value(of: number.answer, in: &state))
    case .order(let items):
      var values: [Double] = []
      for item in items { values.append(try value(of: item.value, in: &state)) }
      return .order(values)
    }
  }

  private func trueOption<Host: LessonHost>(
    of options: [QuestionOption], in state: inout ObservedState<Host>
  ) throws(LessonError) -> Int {
    var found: [Int] = []
    var otherwise: Int?
    for option in self.options {
      guard let condition = options[option.index].condition else {
        otherwise = option.index
        continue
      }
      do throws(ExpressionError) {
        if try condition.expression.holds(in: &state) { found.append(option.index) }
      } catch {
        throw error.lessonError(in: condition.expression, at: condition.location)
      }
    }
    if found.count == 1 { return found[0] }
    if found.isEmpty, let otherwise { return otherwise }
    if found.count > 1 {
      let names = found.compactMap { letter(of: $0) }.joined(separator: " and ")
      throw LessonError(at: options[found[1]].location, "the machine says that \(names) are both true")
    }
    throw LessonError(at: question.location, "the machine says that no option is true")
  }

  private func option<Host: LessonHost>(
    of options: [QuestionOption], equalTo answer: LessonExpression, in state: inout ObservedState<Host>
  ) throws(LessonError) -> Int {
    let value: JSONValue
    do throws(ExpressionError) {
      value = try answer.expression.value(in: &state)
    } catch {
      throw error.lessonError(in: answer.expression, at: answer.location)
    }
    let text = ValueText.plain(value)
    guard let option = self.options.first(where: { $0.plainText == text }) else {
      throw LessonError(at: answer.location, "the machine says `\(text)`, which is no option")
    }
    return option.index
  }

  private func value<Host: LessonHost>(
    of expression: LessonExpression, in state: inout ObservedState<Host>
  ) throws(LessonError) -> Double {
    let value: JSONValue
    do throws(ExpressionError) {
      value = try expression.expression.value(in: &state)
    } catch {
      throw error.lessonError(in: expression.expression, at: expression.location)
    }
    if case .number(let number) = value { return number }
    guard let whole = value.wholeNumber else {
      throw LessonError(at: expression.location, "the machine gives \(value.kind) here", expected: "a number")
    }
    return Double(whole)
  }

  /// In what the author's mark and the machine differ; nil if they agree.
  public func disagreement(with truth: QuestionTruth) -> LessonError? {
    switch (truth, variant.form) {
    case (.option(let index), .choice(let options, _)):
      guard !options[index].isMarked else { return nil }
      let marked = options.firstIndex(where: \.isMarked) ?? index
      return LessonError(
        at: options[marked].location, "this option is marked, but the machine says that \"\(text(of: index))\" is true")
    case (.order(let values), .order(let items)):
      for index in items.indices.dropFirst() where values[index] < values[index - 1] {
        let (value, before) = (ValueText.number(values[index]), ValueText.number(values[index - 1]))
        return LessonError(
          at: items[index].location, "this item stands too late: its value is \(value), the one before it has \(before)"
        )
      }
      return nil
    default: return nil
    }
  }

  /// The text of an option or item by its number in the file.
  func text(of index: Int) -> String { options.first { $0.index == index }?.plainText ?? "" }
}
