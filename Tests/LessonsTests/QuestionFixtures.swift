// A lesson with every kind of block, for tests of questions and gates.

import Lessons

extension Fixtures {
  static let allBlocks = """
    ---
    format: 1
    id: all-blocks
    title: All blocks
    machine: {kernel: monolithic, seed: 3, kernels: [monolithic, hybrid], seeds: 3}
    minutes: 5
    skip: show-answer
    ---
    ## Predict {#predict concepts=[M8]}
    Before the run.
    ```say
    Wait for *hands*.
    ```
    ```predict id=p1 type=choice confidence
    After the next read, the system:
    - [ ] goes on => kernel-is-a-process
      when: system.state == "running"
    - [x] stops
      when: system.state == "panicked"
    - [ ] returns an error => misconception:kernel-checks-drivers
    ```
    Between.
    ```do
    Arm a fault and read.
    ```
    ```check says="It stopped"
    system.state == "panicked"
    ```
    ```hint tried="fault"
    Now read.
    ```
    ```solution
    > fault inject blk null-read
    > read
    ```
    Explained.
    ```branch
    p1.correct -> #end
    else -> #again
    ```

    ## Again {#again}
    ```pause
    Talk about it.
    ```
    After the pause.
    ```picture alt="Two boxes"
    +--+  +--+
    |  |--|  |
    +--+  +--+
    ```

    ## End {#end}
    ```repl
    > boot micro
    > read
    ```
    ```observe id=o1 type=number unit="bytes" within=10%
    How many bytes came back?
    answer: last("read").returned
    ```
    ```quiz id=q1
    vary: n = 1..4; call = read, write
    After {n} times `{call}`, how many reads are there? There are {{stats.reads}} now.
    - [x] {{stats.reads + {n}}}
    - [ ] {{stats.reads}} => reads-are-free
    - [ ] {{2 * stats.reads}}
    answer: stats.reads + {n}
    ```
    ```quiz id=q2 type=order
    From few to many:
    - none
      value: 0
    - the reads
      value: stats.reads
    - a thousand
      value: 1000
    ```
    That is all.
    """

  static let misconceptions = """
    kernel-is-a-process:
      belief: The kernel is a process.
      contrast: "The kernel is `code` that every process enters. It has no process of its own. Nothing schedules it."
    kernel-checks-drivers: {belief: The kernel checks its drivers., contrast: It trusts them.}
    reads-are-free: {belief: Reads cost nothing., contrast: They cost something.}
    """
}
