// A lesson as values: what its file says, checked, with the place of everything. Callers must not build one by hand:
// `LessonDocument.parse` is the only way in, so that a document that exists is well formed.

/// A lesson: front matter, introduction and steps.
public struct LessonDocument: Equatable, Sendable {
  /// The file it was read from.
  public let file: String
  /// The id by which other lessons and the progress folder name it.
  public let id: String
  /// The title.
  public let title: String
  /// The ids of the lessons to be done before.
  public let requires: [String]
  /// What the student can do afterwards.
  public let objectives: [String]
  /// The ids of the concepts the lesson covers; see ``Concept``.
  public let concepts: [String]
  /// The machine that the lesson begins with.
  public let machine: LessonMachine
  /// About how long it takes, in minutes.
  public let minutes: Int
  /// What a student may do with a step that is not done.
  public let skip: SkipRule
  /// What stands before the first step.
  public let introduction: [MarkdownBlock]
  /// The steps in order; never empty.
  public let steps: [LessonStep]
}

/// The machine a lesson begins with.
public struct LessonMachine: Equatable, Sendable {
  /// The kernel structure that is booted before the first step; nil: none, the student boots.
  public let kernel: String?
  /// The seed of everything that is drawn at random.
  public let seed: UInt64
  /// How many instructions one command may run; nil: the program's own limit.
  public let instructionLimit: UInt64?
}

/// What a student may do with a step that is not done.
public enum SkipRule: String, CaseIterable, Sendable {
  /// Go on.
  case allow
  /// Go on once the solution has been shown; it is then carried out.
  case showAnswer = "show-answer"
  /// Stay.
  case deny
}

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

  /// What there is to read and to do before the step is done: everything up to its last check.
  public var opening: ArraySlice<LessonBlock> { blocks[..<afterwordStart] }

  /// What is explained once the step is done: everything after its last check; nothing in a step without checks.
  public var afterword: ArraySlice<LessonBlock> { blocks[afterwordStart...] }

  private var afterwordStart: Int {
    let lastCheck = blocks.lastIndex { block in if case .check = block { true } else { false } }
    return lastCheck.map { $0 + 1 } ?? blocks.count
  }

  /// The checks that make the step done; a step without any is done by going on.
  public var checks: [LessonCheck] {
    blocks.flatMap { block -> [LessonCheck] in if case .check(let checks) = block { checks } else { [] } }
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

  /// The commands that are shown as the solution: the written one, or the transcripts' commands if there is none.
  public var solution: [LessonCommand] {
    let written = blocks.flatMap { block -> [LessonCommand] in
      if case .solution(let commands) = block { commands } else { [] }
    }
    return written.isEmpty ? transcripts.flatMap { $0.entries.map(\.command) } : written
  }

  /// All commands that do the step, those of transcripts and of the solution in the order of the file.
  public var commands: [LessonCommand] {
    blocks.flatMap { block -> [LessonCommand] in
      switch block {
      case .transcript(let transcript): transcript.entries.map(\.command)
      case .solution(let commands): commands
      case .prose, .task, .check, .hint: []
      }
    }
  }
}

/// A part of a step.
public enum LessonBlock: Equatable, Sendable {
  /// Text to read.
  case prose(MarkdownBlock)
  /// Commands and what they print (`repl`).
  case transcript(LessonTranscript)
  /// What the student is asked to do (`do`).
  case task([MarkdownBlock])
  /// What has to be true of the machine (`check`).
  case check([LessonCheck])
  /// Help for a student who is stuck (`hint`).
  case hint(LessonHint)
  /// The commands that do the step (`solution`).
  case solution([LessonCommand])
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
  /// The text.
  public let text: [MarkdownBlock]
  /// Where it stands.
  public let location: LessonLocation
}
