// `compare structure`: the picture of where each service sits in each kind of kernel.

import Lab

/// Draws the structures.
struct CompareStructureCommand: Command {
  let name = "compare structure"
  let aliases = ["compare structures"]
  let group = CommandGroup.calls
  let summary = "where each service sits in each kind of kernel, as a picture"
  let help = CommandHelp(
    """
    Drawn from what was linked: above the line what runs in user mode, each box an address space of its own; below it \
    what runs privileged, in one. The table says the same by service.
    """,
    examples: ["compare structure", "compare structure --kernels micro"],
    next: ["info tcb --kernels all", "compare null"])
  var parameters: [any CommandParameter] { [KernelList.option] }

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let kernels = arguments[KernelList.option] ?? []
    return CommandResult(
      try attempt(at: arguments.span(of: KernelList.option)) { () throws(LabError) in
        try session.laboratory.compareStructures(kernels)
      })
  }
}

extension StructureComparison: CommandValue {
  func describe(in text: inout StyledText) {
    for structure in structures {
      StructurePicture(structure).draw(in: &text)
      text.line()
    }
    var table = Table([.fixed("")] + structures.map { .text(KernelName.short($0.kernel)) })
    for service in services {
      table.row(
        [StyledLine(service.service, .name)]
          + structures.map { structure in
            let places = service.places.filter { $0.kernel == structure.kernel }
            return StyledLine(places.map(\.label).joined(separator: "+"))
          })
    }
    text.append(table.text())
  }
}

extension ServicePlace {
  fileprivate var label: String {
    switch role {
    case .kernel: "kernel"
    case .server: "server"
    case .program: images == 1 ? "program" : "programs"
    }
  }
}

/// One structure as boxes: user mode above, privileged below.
struct StructurePicture {
  /// A frame with a title and words in it.
  private struct Box {
    let lines: [StyledLine]
    var width: Int { (lines.map(\.width).max() ?? 0) + 4 }
  }

  private static let margin = 4
  private let layout: StructureLayout

  init(_ layout: StructureLayout) { self.layout = layout }

  func draw(in text: inout StyledText) {
    text.line(StyledLine(layout.kernel, .heading))
    let user = layout.images.filter { $0.role == .program } + layout.images.filter { $0.role == .server }
    drawRows(user.map { Self.box($0) }, label: "U", in: &text)
    let kernel = layout.images.filter { $0.role == .kernel }
    if !user.isEmpty {
      text.line(StyledLine("    " + String(repeating: "━", count: StyledText.width - Self.margin), .dim))
    }
    drawRows(kernel.map { Self.wide($0) }, label: "S", in: &text)
  }

  /// Boxes side by side, in as many rows as they need.
  private func drawRows(_ boxes: [Box], label: String, in text: inout StyledText) {
    var rest = boxes[...]
    var isFirst = true
    while !rest.isEmpty {
      var row: [Box] = []
      var used = Self.margin
      while let box = rest.first, row.isEmpty || used + box.width <= StyledText.width {
        row.append(box)
        used += box.width + 1
        rest.removeFirst()
      }
      drawRow(row, label: isFirst ? label : " ", in: &text)
      isFirst = false
    }
  }

  private func drawRow(_ boxes: [Box], label: String, in text: inout StyledText) {
    let height = boxes.map(\.lines.count).max() ?? 0
    func line(_ start: String, _ part: (Box) -> StyledLine) {
      var line = StyledLine(start.padding(to: Self.margin), .strong)
      for (index, box) in boxes.enumerated() {
        if index > 0 { line.append(" ") }
        line.append(part(box))
      }
      text.line(line)
    }
    line("") { StyledLine("┌" + String(repeating: "─", count: $0.width - 2) + "┐", .dim) }
    for index in 0..<height {
      line(index == 0 ? "  \(label)" : "") { box in
        let content = index < box.lines.count ? box.lines[index] : StyledLine()
        var line = StyledLine("│ ", .dim)
        line.append(content)
        line.append(String(repeating: " ", count: box.width - 4 - content.width))
        line.append(" │", .dim)
        return line
      }
    }
    line("") { StyledLine("└" + String(repeating: "─", count: $0.width - 2) + "┘", .dim) }
  }

  /// What a reader of the picture looks for; runtime parts and stubs are the same everywhere.
  private static let shown: Set<String> = ["service", "driver", "kernel", "core", "program"]
  /// Words beside each other in a box of user code.
  private static let wordsPerLine = 3

  private static func box(_ image: PlacedImage) -> Box {
    let count = image.images.count
    let title = count == 1 ? image.images[0] : "\(count) programs, each"
    let words = image.components.filter { shown.contains($0.kind) && [$0.name] != image.images }
    var lines = [StyledLine(title, image.role == .program ? .strong : .name)]
    for start in stride(from: 0, to: words.count, by: wordsPerLine) {
      lines.append(Self.words(words[start..<min(start + wordsPerLine, words.count)]))
    }
    return Box(lines: lines)
  }

  /// The kernel's box, as wide as the text.
  private static func wide(_ image: PlacedImage) -> Box {
    var lines: [StyledLine] = []
    let room = StyledText.width - margin - 4
    for kinds in [["program"], ["service", "driver"], ["kernel", "core"]] as [Set<String>] {
      var line = StyledLine()
      for component in image.components where kinds.contains(component.kind) {
        let word = words([component])
        if line.width > 0, line.width + 2 + word.width > room {
          lines.append(line)
          line = StyledLine()
        }
        if line.width > 0 { line.append("  ") }
        line.append(word)
      }
      if line.width > 0 { lines.append(line) }
    }
    let padding = room - (lines.first?.width ?? 0)
    if padding > 0, !lines.isEmpty { lines[0].append(String(repeating: " ", count: padding)) }
    return Box(lines: lines)
  }

  private static func words(_ components: some Sequence<PlacedComponent>) -> StyledLine {
    var line = StyledLine()
    for component in components {
      if line.width > 0 { line.append("  ") }
      line.append(component.name, ["service", "driver"].contains(component.kind) ? .name : .plain)
    }
    return line
  }
}

extension String {
  fileprivate func padding(to width: Int) -> String {
    self + String(repeating: " ", count: Swift.max(0, width - count))
  }
}
