// Lessons for tests.

import Lessons

enum Fixtures {
  static let driverFault = """
    ---
    format: 1
    id: driver-fault
    title: One bad pointer, two kernels
    requires: [machine]
    objectives: ["Say which boundary stops a wild access"]
    concepts: [M8, U1]
    machine: {kernel: monolithic, seed: 7, limit: 5M}
    minutes: 15
    skip: show-answer
    ---
    # One bad pointer, two kernels

    A *short* introduction.

    <!-- For authors only. -->

    ## Break the driver {#break concepts=[M8]}
    Arm a fault.
    ```repl
    > fault inject blk null-read
    fault 1 armed: ...
    ```
    ```do
    Read the file.
    ```
    ```check says="The system has panicked"
    faults[1].fired and
      system.state == "panicked"
    ```
    ```hint after=2 when="not faults[1].fired"
    The fault waits for a **request**.
    ```
    ```solution
    > read
    ```

    ## Look around {#look}
    Nothing to do here.

    ## The same driver elsewhere {#micro}
    ```repl
    > boot micro
    micro: ready
    > fault inject blk null-read
    > read
    = 27 "Everything is a message."
      ... instructions
    ```
    ```check
    tasks["blk"].restarts == 1
    last("read").returned == 27
    ```
    """

  static func parse(_ source: String = driverFault) throws(LessonError) -> LessonDocument {
    try LessonDocument.parse(source: source, file: "lesson.md")
  }

  /// A lesson whose body is `body`; the body's first line is line 7.
  static func lesson(_ body: String) -> String {
    "---\nformat: 1\nid: short\ntitle: Short\nminutes: 1\n---\n" + body
  }
}
