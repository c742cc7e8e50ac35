// `link explain`: what keeps a function in an image, or why it is not there.

import Lab

/// Explains the linker's decision about one symbol.
struct LinkExplainCommand: Command {
  let name = "link explain"
  let group = CommandGroup.linking
  let summary = "say what keeps a function in a linked image, or why it was dropped"
  let help = CommandHelp(
    """
    The linker begins at the first instruction and follows every reference. What it reaches is kept; the chain of \
    references is the reason. What nothing reaches is dropped, and those who would refer to it are listed.
    """,
    examples: ["link explain unix_write", "link explain fs_open --in hello"], next: ["link list", "info components"])
  var parameters: [any CommandParameter] { [Self.symbol, Self.image] }

  private static let symbol = Required(
    "SYMBOL", ArgumentKind<String>.text, "a function, perhaps with its component as in `fs:fs_open`")
  private static let image = ValueOption(
    "--in", "IMAGE", ArgumentKind.linkedImage, "the image; the one linked last if not given")

  func run(_ arguments: Arguments, in session: Session) throws(CommandError) -> CommandResult {
    let symbol = arguments[Self.symbol]
    let image = arguments[Self.image]
    return CommandResult(
      try attempt(at: arguments.span(of: Self.symbol)) { () throws(LabError) in
        try session.laboratory.explain(symbol, in: image)
      })
  }
}

extension ArgumentKind where Value == String {
  /// An image that was linked.
  static let linkedImage = name("linked image", listedBy: "link list") {
    $0.laboratory.linkedImages().images.map(\.name)
  }
}

extension LinkExplanation: CommandValue {
  func describe(in text: inout StyledText) {
    text.paragraph(
      "\(symbol, .name) (\(component)) in \(image): \(reason, kept ? .good : .warning)", hanging: 2)
    if !chain.isEmpty {
      let steps = chain.map { "\($0.component):\($0.symbol)" }.joined(separator: " ─▶ ")
      text.paragraph(StyledLine(steps), indent: 2, hanging: 2)
    }
    for referrer in referrers {
      let state = referrer.kept ? (referrer.redirected ? "kept, its call redirected" : "kept") : "dropped too"
      text.paragraph("\(referrer.component):\(referrer.symbol) refers to it (\(state))", indent: 2, hanging: 2)
    }
  }
}
