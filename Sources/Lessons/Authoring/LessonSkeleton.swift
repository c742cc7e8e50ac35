// The file that `lesson new` writes: a lesson in miniature that passes lint and test as it stands, so that an author
// changes a working thing. Its commands are the program's; a test keeps them so.

/// A new lesson's file.
public enum LessonSkeleton {
  /// The text of a lesson with an id and a title.
  ///
  /// - Precondition: `id` is an id; see ``isValid(id:)``.
  public static func source(id: String, title: String) -> String {
    let quoted = title.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    return """
      ---
      format: 1
      id: \(id)
      title: "\(quoted)"
      requires: []
      objectives:
        - Say what a system call costs on this kernel, and show it
      concepts: [M4]
      machine: {kernel: monolithic, seed: 1}
      minutes: 10
      skip: show-answer
      ---
      # \(escaped(title))

      What is this lesson about, and why should anyone care? Two or three sentences.

      <!-- One idea a step. `lesson lint`, `lesson test` and `lesson preview` show how far you are. -->

      ## Look first {#look}

      Early steps show the commands. `...` stands for what changes from run to run.

      ```repl
      > info tasks
       ID TASK STATE ...
      ...
      ... agent ...
      ...
      ```
      ```say
      Ask what the class expects to see before anyone types the command.
      ```

      ## Predict, then do {#call concepts=[M4]}

      A **system call** is how a program asks the kernel for something. `sys null` makes one that does nothing.

      ```predict id=traps type=number unit="traps" confidence
      How many traps will one call take?
      answer: last("sys null").counters.traps
      ```
      ```do
      Make the call.
      ```
      ```check says="The call came back"
      last("sys null").returned == 0
      ```
      ```hint after=2
      The command is `sys`, and the call is named `null`.
      ```
      ```solution
      > sys null
      ```

      The explanation stands behind the check, and is read when the check holds.

      ## What have you seen? {#seen concepts=[M4]}

      ```quiz id=switches confidence
      Did that call switch to another address space?
      - [x] No
        when: query "sys null".counters.addressSpaceSwitches == 0
      - [ ] Yes, once there and once back
        when: query "sys null".counters.addressSpaceSwitches == 2
      ```

      Say what the machine leaves out, and what comes next.

      """
  }

  /// Whether a text can be a lesson's id.
  public static func isValid(id: String) -> Bool { Identifier.isValid(id) }

  /// An id that resembles a text.
  public static func proposal(for text: String) -> String { Identifier.proposal(for: text) }

  /// A title as a heading in which nothing is mark-up.
  private static func escaped(_ title: String) -> String {
    String(
      title.flatMap { character -> [Character] in
        "\\`*_[]<>#&!".contains(character) ? ["\\", character] : [character]
      })
  }
}
