// A step of a lesson and its blocks, as values. Callers must not build one by hand: `LessonDocument.parse` does.

/// One step of a lesson.
public struct LessonStep: Equatable, Sendable {
  /// The id by which progress is kept; it survives moving and rewording the step.
  public let id: String
  /// The heading's text.
  public let title: [MarkdownInline]
  /// The concepts the heading names.
  public let concepts: [String]
  /// The step's content in order.
  public let blocks: [LessonBlock]
  /// A hash of the step's source text, by which progress notices that the step has changed.
  public let contentHash: String
  /// Where the heading stands.
  public let location: LessonLocation
  /// What has to happen one after the other until the step is done; none means that reading it is enough.
  public let gates: [StepGate]

  init(
    id: String, title: [MarkdownInline], concepts: [String], blocks: [LessonBlock], contentHash: String,
    location: LessonLocation
  ) {
    self.id = id
    self.title = title
    self.concepts = concepts
    self.blocks = blocks
    self.contentHash = contentHash
    self.location = location
    gates = StepGate.gates(of: blocks)
  }

  /// The checks that make the step done.
  public var checks: [LessonCheck] {
    blocks.flatMap { block -> [LessonCheck] in if case .check(let checks) = block { checks } else { [] } }
  }

  /// The questions in order.
  public var questions: [LessonQuestion] {
    blocks.compactMap { block -> LessonQuestion? in if case .question(let question) = block { question } else { nil } }
  }

  /// The hints in order.
  public var hints: [LessonHint] {
    blocks.compactMap { block -> LessonHint? in if case .hint(let hint) = block { hint } else { nil } }
  }

  /// The transcripts in order.
  public var transcripts: [LessonTranscript] {
    blocks.compactMap { block -> LessonTranscript? in
      if case .transcript(let transcript) = block { transcript } else { nil }
    }
  }

  /// What the instructor's notes say, in order.
  public var notes: [[MarkdownBlock]] {
    blocks.compactMap { block -> [MarkdownBlock]? in if case .say(let text) = block { text } else { nil } }
  }

  /// Where `lesson next` goes once the step is done; nil: to the step after it.
  public var branch: LessonBranch? {
    blocks.lazy.compactMap { block -> LessonBranch? in if case .branch(let branch) = block { branch } else { nil } }
      .first
  }

  /// The transcripts behind the last gate.
  public var transcriptsBehindGates: [LessonBlock] {
    blocks[(gates.last?.blocks.upperBound ?? 0)...].filter { if case .transcript = $0 { true } else { false } }
  }

  /// The commands that are shown as the solution: the written one, or the transcripts' commands if there is none.
  public var solution: [LessonCommand] { LessonBlock.solution(in: blocks[...]) }

  /// All commands that do the step, those of transcripts and of the solution in the order of the file.
  public var commands: [LessonCommand] { LessonBlock.commands(in: blocks[...]) }
}

/// A part of a step.
public enum LessonBlock: Equatable, Sendable {
  /// Text to read.
  case prose(MarkdownBlock)
  /// Commands and what they print (`repl`).
  case transcript(LessonTranscript)
  /// What the student is asked to do (`do`).
  case task([MarkdownBlock])
  /// A question (`predict`, `observe`, `quiz`).
  case question(LessonQuestion)
  /// What has to be true of the machine (`check`).
  case check([LessonCheck])
  /// Help for a student who is stuck (`hint`).
  case hint(LessonHint)
  /// The commands that do the step (`solution`).
  case solution([LessonCommand])
  /// Where to go once the step is done (`branch`).
  case branch(LessonBranch)
  /// Notes for the instructor (`say`).
  case say([MarkdownBlock])
  /// A rest, with what to talk about if the author says so (`pause`).
  case pause([MarkdownBlock])
  /// A picture made of characters (`picture`).
  case picture(LessonPicture)

  static func commands(in blocks: ArraySlice<LessonBlock>) -> [LessonCommand] {
    blocks.flatMap { block -> [LessonCommand] in
      switch block {
      case .transcript(let transcript): transcript.entries.map(\.command)
      case .solution(let commands): commands
      default: []
      }
    }
  }

  static func solution(in blocks: ArraySlice<LessonBlock>) -> [LessonCommand] {
    let written = blocks.flatMap { block -> [LessonCommand] in
      if case .solution(let commands) = block { commands } else { [] }
    }
    return written.isEmpty ? commands(in: blocks) : written
  }
}

/// A command line and its place in the file.
public struct LessonCommand: Equatable, Sendable {
  /// The line as it is typed.
  public let line: String
  /// Where it stands.
  public let location: LessonLocation
}

/// A session with its expected output.
public struct LessonTranscript: Equatable, Sendable {
  /// A command and the lines it should print; none means that its output is not compared.
  public struct Entry: Equatable, Sendable {
    /// The command.
    public let command: LessonCommand
    /// The expected lines, see ``TranscriptPattern``.
    public let expected: [String]
  }

  /// The commands in order.
  public let entries: [Entry]
  /// Whether the outputs are compared when the lesson is tested; the commands run in any case.
  public let isTested: Bool
}

/// A condition on the machine's state.
public struct LessonCheck: Equatable, Sendable {
  /// The condition.
  public let expression: Expression
  /// What it says in words, for the student.
  public let says: String?
  /// Where it stands.
  public let location: LessonLocation
}

/// Help for a student who is stuck.
public struct LessonHint: Equatable, Sendable {
  /// After how many failed attempts the hint is offered.
  public let after: Int
  /// The state in which it is of use; nil: any.
  public let condition: Expression?
  /// The words with which a command of this step must have begun before the hint is of use; nil: none needed.
  public let tried: String?
  /// The text.
  public let text: [MarkdownBlock]
  /// Where it stands.
  public let location: LessonLocation
}

/// Where a student goes from a step.
public struct LessonBranch: Equatable, Sendable {
  /// A condition and the step it leads to.
  public struct Arm: Equatable, Sendable {
    /// The condition; nil for `else`.
    public let condition: Expression?
    /// The step's id.
    public let target: String
    /// Where the arm stands.
    public let location: LessonLocation
  }

  /// The arms in the order in which they are tried; the last one, and only it, has no condition.
  public let arms: [Arm]
  /// Where the block stands.
  public let location: LessonLocation
}

/// A picture made of characters.
public struct LessonPicture: Equatable, Sendable {
  /// The most columns a picture may take.
  public static let widest = 78

  /// The lines as they stand.
  public let lines: [String]
  /// What it shows, for those who cannot see it.
  public let alternative: String
  /// Where it stands.
  public let location: LessonLocation
}
