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
  /// A hash of the whole file.
  public let contentHash: String

  /// The questions of all steps, in order.
  public var questions: [LessonQuestion] { steps.flatMap(\.questions) }
}

/// The machine a lesson begins with.
public struct LessonMachine: Equatable, Sendable {
  /// The kernel structure that is booted before the first step; nil: none, the student boots.
  public let kernel: String?
  /// The seed of everything that is drawn at random.
  public let seed: UInt64
  /// How many instructions one command may run; nil: the program's own limit.
  public let instructionLimit: UInt64?
  /// The structures on each of which the lesson holds, ``kernel`` first; it is tested on all of them.
  public let kernels: [String]
  /// Over how many seeds of its questions the lesson is tested; nil: two if a question varies, else one.
  public let testedSeeds: Int?

  init(
    kernel: String?, seed: UInt64, instructionLimit: UInt64?, kernels: [String]? = nil, testedSeeds: Int? = nil
  ) {
    self.kernel = kernel
    self.seed = seed
    self.instructionLimit = instructionLimit
    self.kernels = kernels ?? [kernel].compactMap { $0 }
    self.testedSeeds = testedSeeds
  }

  /// The same machine with another kernel.
  public func booting(_ kernel: String) -> LessonMachine {
    LessonMachine(
      kernel: kernel, seed: seed, instructionLimit: instructionLimit, kernels: kernels, testedSeeds: testedSeeds)
  }
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
