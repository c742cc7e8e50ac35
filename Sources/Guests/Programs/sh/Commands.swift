// The shell's own commands: what has to act on the shell or is too small for a program.
//
// A new one needs its function, its name in `perform`, and its line in the help text.

import Interfaces

private let helpText: StaticString = """
  Programs:  cachescan lru|mru [PASSES]  cat [FILE...]  cp FROM TO  crasher KIND  echo WORD...  forktest
             fsbench [FILES [BYTES]]  hello  hog [release]  kvclient VERB [KEY [VALUE]]  ls [PATH]
             module load|unload NAME  pingpong COUNT  pipeline [COUNT]  service VERB [NAME]  sh  spin  wc [FILE...]
  Network:   fetch http://ADDRESS[:PORT][/PATH]  httpd [PORT [REQUESTS]]  ping ADDRESS [COUNT]
  Commands:  exit [STATUS]  help  kill TASK  mkdir PATH  mv FROM TO  rm PATH...  sync  wait TASK
  A & at the end of a line runs a program in the background; A | B gives B what A writes.
  Paths start with /; 'quote words that hold spaces'.

  """

extension Shell {
  /// Performs the command of that name; false when the shell has none.
  mutating func perform(_ name: Bytes, _ words: inout Words) throws(Complaint) -> Bool {
    if name.equals("exit") {
      try exit(&words)
    } else if name.equals("help") {
      try end(&words)
      output.write(helpText)
    } else if name.equals("kill") {
      let task = try next(&words, "usage: kill TASK")
      try end(&words)
      try check(sys_kill(try number(task)), task)
    } else if name.equals("mkdir") {
      let path = try next(&words, "usage: mkdir PATH")
      try end(&words)
      try check(sys_mkdir(path.start, path.length), path)
    } else if name.equals("mv") {
      let from = try next(&words, "usage: mv FROM TO")
      let to = try next(&words, "usage: mv FROM TO")
      try end(&words)
      try check(sys_rename(from.start, from.length, to.start, to.length), from)
    } else if name.equals("rm") {
      try remove(&words)
    } else if name.equals("sync") {
      try end(&words)
      try check(sys_sync(), name)
    } else if name.equals("wait") {
      let task = try next(&words, "usage: wait TASK")
      try end(&words)
      report(task, sys_wait(try number(task)))
    } else {
      return false
    }
    return true
  }

  private mutating func exit(_ words: inout Words) throws(Complaint) {
    var status: UInt64 = 0
    if let word = try words.next() { status = try number(word) }
    try end(&words)
    exitStatus = Int64(clamping: status)
  }

  private func remove(_ words: inout Words) throws(Complaint) {
    var path = try next(&words, "usage: rm PATH...")
    while true {
      try check(sys_remove(path.start, path.length), path)
      guard let another = try words.next() else { return }
      path = another
    }
  }
}

private func next(_ words: inout Words, _ usage: StaticString) throws(Complaint) -> Bytes {
  guard let word = try words.next() else { throw Complaint(usage) }
  return word
}

private func end(_ words: inout Words) throws(Complaint) {
  if let word = try words.next() { throw Complaint(word, "one argument too many") }
}

private func number(_ word: Bytes) throws(Complaint) -> UInt64 {
  guard let number = word.decimal else { throw Complaint(word, "not a number") }
  return number
}
