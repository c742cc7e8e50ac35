// Programs joined by pipes: what one writes, the next one reads.
//
// Each runs in a task that the shell forks; the shell's own commands cannot be joined.

import Interfaces

/// The programs of one line, while they run.
private struct Joined {
  /// As many as there can be in a line.
  static var capacity: Int { 8 }

  var names = InlineArray<8, Bytes>(repeating: ("" as StaticString).bytes)
  var tasks = InlineArray<8, UInt64>(repeating: 0)
  var count = 0
}

/// Where the first `|` outside quotes is; nil when there is none.
private func bar(in line: Bytes) -> Int? {
  var quote: UInt8 = 0
  for index in 0..<line.count {
    let byte = line[index]
    if quote != 0 {
      if byte == quote { quote = 0 }
    } else if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
      quote = byte
    } else if byte == UInt8(ascii: "|") {
      return index
    }
  }
  return nil
}

/// Whether a line joins programs.
func joinsPrograms(_ line: Bytes) -> Bool { bar(in: line) != nil }

/// Checks that there is a program on both sides of each `|`, and that there are not too many.
private func check(joined line: Bytes) throws(Complaint) {
  var rest = line
  var count = 0
  while true {
    let end = bar(in: rest)
    var words = Words(rest.part(0..<(end ?? rest.count)))
    guard try words.next() != nil else { throw Complaint("a program is missing beside |") }
    count += 1
    guard count <= Joined.capacity else { throw Complaint("at most 8 programs can be joined") }
    guard let end else { return }
    rest = rest.part((end + 1)..<rest.count)
  }
}

extension Shell {
  /// Starts the programs of a line and waits for all of them.
  mutating func runJoined(_ line: Bytes) {
    var joined = Joined()
    do throws(Complaint) {
      try check(joined: line)
      try start(line, &joined)
    } catch {
      complain(error)
    }
    // All have ended before the first report: the order of the lines is fixed.
    var statuses = InlineArray<8, Int64>(repeating: 0)
    for index in 0..<joined.count { statuses[index] = sys_wait(joined.tasks[index]) }
    for index in 0..<joined.count { report(joined.names[index], statuses[index]) }
  }

  private mutating func start(_ line: Bytes, _ joined: inout Joined) throws(Complaint) {
    var rest = line
    // What the next program reads; 0 is the console.
    var input: UInt64 = 0
    while true {
      let end = bar(in: rest)
      var words = Words(rest.part(0..<(end ?? rest.count)))
      do throws(Complaint) {
        guard let name = try words.next() else { return }
        let pipe = end == nil ? 0 : UInt64(try check(sys_pipe(), ("pipe" as StaticString).bytes))
        defer {
          if input != 0 { _ = sys_close(input) }
          if pipe != 0 { _ = sys_close(pipe >> 8) }
          input = pipe & 0xFF
        }
        let task = try check(sys_fork(), ("fork" as StaticString).bytes)
        if task == 0 { become(name, words.rest, input: input, pipe: pipe) }
        joined.names[joined.count] = name
        joined.tasks[joined.count] = UInt64(task)
        joined.count += 1
      } catch {
        if input != 0 { _ = sys_close(input) }
        throw error
      }
      guard let end else { return }
      rest = rest.part((end + 1)..<rest.count)
    }
  }

  /// The forked task becomes the program, with the pipes as its input and output.
  private mutating func become(_ name: Bytes, _ arguments: Bytes, input: UInt64, pipe: UInt64) {
    if input != 0 {
      _ = sys_duplicate(input, 0)
      _ = sys_close(input)
    }
    if pipe != 0 {
      _ = sys_duplicate(pipe >> 8, 1)
      _ = sys_close(pipe >> 8)
      _ = sys_close(pipe & 0xFF)
    }
    let result = sys_exec(name.start, name.length, arguments.start, arguments.length)
    // Only the console is for complaints.
    _ = sys_duplicate(2, 1)
    complain(Complaint(name, result == ErrorCode.notFound.result ? "no such program" : errorText(result)))
    _ = sys_exit(127)
  }
}
