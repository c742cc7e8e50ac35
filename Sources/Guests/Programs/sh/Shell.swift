// The shell: reads lines from descriptor 0, runs programs by name and a few commands of its own.
//
// It has no working directory or variables: paths are absolute, a line is one command or programs joined by |.

import Interfaces

/// A running shell.
struct Shell: ~Copyable {
  /// Bytes of the longest line.
  private static var longestLine: UInt64 { 512 }

  var output = TextOutput()
  /// What to exit with, once that is decided.
  var exitStatus: Int64?

  mutating func run() -> Int64 {
    var line = InlineArray<512, UInt8>(repeating: 0)
    while true {
      if let exitStatus { return exitStatus }
      output.write("$ ")
      output.flush()
      let count = sys_read(0, &line, Self.longestLine)
      guard count > 0 else { return endOfInput(count) }
      if count == Self.longestLine, line[line.count - 1] != UInt8(ascii: "\n") {
        dropRestOfLine()
        complain(Complaint("line too long"))
        continue
      }
      withUnsafeBytes(of: &line) { bytes in
        execute(Bytes(rebasing: bytes.assumingMemoryBound(to: UInt8.self)[0..<Int(count)]).trimmed)
      }
    }
  }

  /// Nothing can be read any more: the end of the input, or an error.
  private mutating func endOfInput(_ result: Int64) -> Int64 {
    output.write("\n")
    guard result < 0 else { return 0 }
    complain(Complaint(("standard input" as StaticString).bytes, errorText(result)))
    return 1
  }

  private mutating func dropRestOfLine() {
    var bytes = InlineArray<64, UInt8>(repeating: 0)
    while true {
      let count = sys_read(0, &bytes, 64)
      guard count > 0, bytes[Int(count) - 1] != UInt8(ascii: "\n") else { return }
    }
  }

  private mutating func execute(_ line: Bytes) {
    guard line.count > 0, line[0] != UInt8(ascii: "#") else { return }
    if joinsPrograms(line) { return runJoined(line) }
    let background = line[line.count - 1] == UInt8(ascii: "&")
    var words = Words(background ? line.part(0..<(line.count - 1)) : line)
    do throws(Complaint) {
      guard let name = try words.next() else { throw Complaint("nothing to run before &") }
      if !background, try perform(name, &words) { return }
      try runProgram(name, words.rest, background: background)
    } catch {
      complain(error)
    }
  }

  private mutating func runProgram(_ name: Bytes, _ arguments: Bytes, background: Bool) throws(Complaint) {
    let task = sys_spawn(name.start, name.length, arguments.start, arguments.length)
    if task == ErrorCode.notFound.result { throw Complaint(name, "no such program; `help` lists them") }
    try check(task, name)
    guard !background else {
      output.write("task ")
      output.write(task)
      output.write("\n")
      return
    }
    report(name, sys_wait(UInt64(task)))
  }

  /// Says how a task ended, unless it ended well.
  mutating func report(_ name: Bytes, _ status: Int64) {
    guard status != 0 else { return }
    output.write(name)
    output.write(": ")
    if status <= PM_STATUS_FAULT {
      let cause = Int64(PM_STATUS_FAULT) - status
      output.write("ended by exception ")
      output.write(cause)
      output.write(", ")
      output.write(exceptionName(cause))
    } else if status == PM_STATUS_KILLED {
      output.write("killed")
    } else if status < 0 {
      output.write(errorText(status))
    } else {
      output.write("status ")
      output.write(status)
    }
    output.write("\n")
  }

  mutating func complain(_ complaint: Complaint) {
    output.write("sh: ")
    if complaint.subject.count > 0 {
      output.write(complaint.subject)
      output.write(": ")
    }
    output.write(complaint.reason)
    output.write("\n")
  }
}

/// What an exception's cause means (RISC-V privileged specification, table of scause values).
private func exceptionName(_ cause: Int64) -> StaticString {
  switch cause {
  case 0: "instruction address misaligned"
  case 1: "instruction access fault"
  case 2: "illegal instruction"
  case 3: "breakpoint"
  case 4: "load address misaligned"
  case 5: "load access fault"
  case 6: "store address misaligned"
  case 7: "store access fault"
  case 12: "instruction page fault"
  case 13: "load page fault"
  case 15: "store page fault"
  case Int64(FaultCause.noMemory): "out of memory"
  default: "unknown cause"
  }
}

/// Runs the shell; its arguments are ignored.
@c @implementation
public func program_main(_ arguments: UnsafePointer<UInt8>, _ length: UInt64) -> Int64 {
  var shell = Shell()
  return shell.run()
}
