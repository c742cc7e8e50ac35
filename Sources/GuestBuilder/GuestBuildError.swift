// What can go wrong while guests are built, in words that name the place and the next thing to try.
//
// Callers must print `description` whole: a tool's own diagnostics are part of it.

/// Why guests could not be built.
public enum GuestBuildError: Error, Equatable, Sendable {
  /// A file or folder could not be read or written.
  case file(path: String, problem: String)
  /// A recipe does not say something that can be built.
  case recipe(name: String, problem: String, hint: String)
  /// An object or image does not have the form that the linker's layout relies on.
  case object(name: String, problem: String, hint: String)
  /// A tool of the Swift toolchain is missing.
  case missingTool(name: String, searched: String)
  /// A tool ended with an error.
  case tool(name: String, subject: String, status: Int32, command: String, diagnostics: String)
  /// The disk's image could not be made.
  case disk(DiskImageError)
  /// More than one of the steps that ran at the same time failed.
  case several([GuestBuildError])
}

extension GuestBuildError: CustomStringConvertible {
  /// The error as text for a person, with a hint where there is one.
  public var description: String {
    switch self {
    case .file(let path, let problem):
      "\(path): \(problem)"
    case .recipe(let name, let problem, let hint):
      "recipe \(name): \(problem) (\(hint))"
    case .object(let name, let problem, let hint):
      "\(name): \(problem) (\(hint))"
    case .missingTool(let name, let searched):
      "\(name) was not found in \(searched) (it is part of the Swift toolchain: put the toolchain's bin folder into PATH)"
    case .tool(let name, let subject, let status, let command, let diagnostics):
      "\(subject): \(name) failed with status \(status)\n\(diagnostics)\nThe command was: \(command)"
    case .disk(let error):
      error.description
    case .several(let errors):
      errors.map(\.description).joined(separator: "\n")
    }
  }
}
