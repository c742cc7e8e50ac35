// A table of aligned columns that never grows beyond the text width: the widest flexible column is cut instead.

/// Rows under headings.
struct Table {
  /// How a column's cells stand in their column.
  enum Alignment: Sendable {
    case left
    case right
  }

  /// A column's heading and alignment.
  struct Column: Sendable {
    let heading: String
    let alignment: Alignment
    /// Whether its cells may be cut when the table is too wide.
    let isFlexible: Bool

    /// A column of text, cut when the table is too wide.
    static func text(_ heading: String) -> Column { Column(heading: heading, alignment: .left, isFlexible: true) }
    /// A column of short text that is never cut.
    static func fixed(_ heading: String) -> Column { Column(heading: heading, alignment: .left, isFlexible: false) }
    /// A column of numbers, aligned to the right.
    static func number(_ heading: String) -> Column { Column(heading: heading, alignment: .right, isFlexible: false) }
  }

  private let columns: [Column]
  private let indent: Int
  private var rows: [[StyledLine]] = []
  private static let gap = 2
  private static let narrowest = 6

  init(_ columns: [Column], indent: Int = 0) {
    self.columns = columns
    self.indent = indent
  }

  /// Adds a row; missing cells are empty.
  mutating func row(_ cells: [StyledLine]) { rows.append(cells) }

  /// The table as text, with a line of headings unless all headings are empty.
  func text() -> StyledText {
    let widths = fittedWidths()
    var text = StyledText()
    if columns.contains(where: { !$0.heading.isEmpty }) {
      text.line(line(columns.map { StyledLine($0.heading, .heading) }, widths: widths))
    }
    for row in rows { text.line(line(row, widths: widths)) }
    return text
  }

  private func fittedWidths() -> [Int] {
    var widths = columns.map(\.heading.count)
    for row in rows {
      for (index, cell) in row.enumerated() where index < widths.count {
        widths[index] = max(widths[index], cell.width)
      }
    }
    let available = StyledText.width - indent - Self.gap * (columns.count - 1)
    var excess = widths.reduce(0, +) - available
    while excess > 0 {
      let flexible = columns.indices.filter { columns[$0].isFlexible && widths[$0] > Self.narrowest }
      guard let widest = flexible.max(by: { widths[$0] < widths[$1] }) else { break }
      widths[widest] -= 1
      excess -= 1
    }
    return widths
  }

  private func line(_ cells: [StyledLine], widths: [Int]) -> StyledLine {
    var line = StyledLine(String(repeating: " ", count: indent))
    for (index, column) in columns.enumerated() {
      let cell = index < cells.count ? cells[index].truncated(to: widths[index]) : StyledLine()
      let padding = String(repeating: " ", count: widths[index] - cell.width)
      let isLast = index == columns.count - 1
      switch column.alignment {
      case .left:
        line.append(cell)
        // Nothing is left hanging at the end of a line.
        if !isLast { line.append(padding) }
      case .right:
        line.append(padding)
        line.append(cell)
      }
      if !isLast { line.append(String(repeating: " ", count: Self.gap)) }
    }
    return line.withoutTrailingSpaces
  }
}

extension StyledLine {
  /// The line without white space at its end.
  fileprivate var withoutTrailingSpaces: StyledLine {
    let kept = text.count - text.reversed().prefix { $0 == " " }.count
    var result = StyledLine()
    var room = kept
    for span in spans {
      let part = span.text.prefix(room)
      result.append(String(part), span.role)
      room -= part.count
    }
    return result
  }
}
