// The kinds of arguments that commands share: how each is read and checked, and what could stand in its place. A kind
// must not change the session.

import GuestABI
import Lab

extension ArgumentKind where Value == Token {
  /// Any token, for commands with a grammar of their own.
  static let token = ArgumentKind { token, _ throws(CommandError) in token }
}

extension ArgumentKind where Value == String {
  /// Any text.
  static let text = ArgumentKind { token, _ throws(CommandError) in token.text }

  /// One name of a known set; unambiguous prefixes are accepted.
  ///
  /// - Parameters:
  ///   - noun: What the name names, for messages.
  ///   - next: The command that lists the names.
  ///   - names: The set.
  static func name(
    _ noun: String, listedBy next: String, _ names: @escaping @Sendable (Session) -> [String]
  ) -> ArgumentKind {
    ArgumentKind(
      parse: { token, session throws(CommandError) in
        try choose(token, among: names(session), noun: noun, next: next)
      },
      candidates: { _, session in names(session) })
  }

  private static func choose(
    _ token: Token, among names: [String], noun: String, next: String
  ) throws(CommandError) -> String {
    if names.contains(token.text) { return token.text }
    let found = names.filter { !token.text.isEmpty && $0.hasPrefix(token.text) }
    if found.count == 1 { return found[0] }
    if found.count > 1 {
      throw CommandError(
        .invalidArgument, "`\(token.text)` could be several \(noun)s", hint: "one of: \(found.joined(separator: ", "))",
        at: token.span)
    }
    let hint: String
    if let nearest = NearestMatch.nearest(to: token.text, among: names) {
      hint = "did you mean `\(nearest)`?"
    } else if names.isEmpty {
      hint = "there is none yet; `\(next)`"
    } else if names.count <= 12 {
      hint = "one of: \(names.joined(separator: ", "))"
    } else {
      hint = "`\(next)` lists them"
    }
    throw CommandError(.unknownName, "there is no \(noun) `\(token.text)`", hint: hint, at: token.span)
  }

  /// A kernel structure; which exist is the laboratory's to say.
  static let structure = ArgumentKind(
    parse: { token, _ throws(CommandError) in token.text },
    candidates: { _, session in KernelOrder.sorted(session.laboratory.bootableStructures) })

  /// A booted system.
  static let system = name("system", listedBy: "systems") { $0.laboratory.list().systems.map(\.system) }

  /// A task of the current system, by name or, as two may have one name after a fork, by number.
  static let task = ArgumentKind(
    parse: { token, session throws(CommandError) in
      let system = try session.system(at: token.span)
      try attempt(at: token.span) { () throws(LabError) in try system.requireOurs("tell its tasks apart") }
      if let number = UInt64(token.text), system.hasTask(number) { return token.text }
      return try choose(token, among: system.taskNames, noun: "task", next: "ps")
    },
    candidates: { _, session in (try? session.laboratory.current().taskNames) ?? [] })

  /// A program of the current system's boot archive.
  static let program = ArgumentKind(
    parse: { token, session throws(CommandError) in
      let system = try session.system(at: token.span)
      try attempt(at: token.span) { () throws(LabError) in try system.requireOurs("run a program for you") }
      let name = token.text.split(separator: "/").last.map(String.init) ?? token.text
      var bare = token
      if name != token.text { bare = Token(kind: .word, text: name, span: token.span) }
      // A system without any program says itself why it starts none.
      if system.programs.isEmpty { return name }
      return try choose(bare, among: system.programs, noun: "program", next: "help run")
    },
    candidates: { _, session in (try? session.laboratory.current().programs) ?? [] })

  /// A place in code: a symbol, perhaps with program and offset, or an address.
  static let place = ArgumentKind(
    parse: { token, _ throws(CommandError) in token.spelling },
    candidates: { prefix, session in session.symbols(prefix) })

  /// A driver that faults can be injected into.
  static let driver = name("driver with faults", listedBy: "help fault inject") { _ in
    System.faultTargets.map(\.driver)
  }

  /// A kind of fault.
  static let faultKind = name("kind of fault", listedBy: "help fault inject") { _ in
    var kinds: [String] = []
    for target in System.faultTargets {
      for kind in target.kinds where !kinds.contains(kind.kind) { kinds.append(kind.kind) }
    }
    return kinds
  }

  /// A workload of `compare`.
  static let workload = name("workload", listedBy: "help compare") { _ in Laboratory.workloads.map(\.name) }

  /// The name of a checkpoint that exists.
  static let checkpoint = name("checkpoint", listedBy: "checkpoint NAME") {
    $0.laboratory.checkpoints().checkpoints.map(\.name)
  }

  /// A control register of the machine.
  static let controlRegister = ArgumentKind(
    parse: { token, _ throws(CommandError) in token.text },
    candidates: { _, session in
      (try? session.laboratory.current().controlRegisters([]))?.csrs.map(\.name) ?? []
    })

  /// A file on the host.
  static let file = ArgumentKind(
    parse: { token, _ throws(CommandError) in token.text },
    candidates: { prefix, _ in FileNames.starting(with: prefix) })
}

extension ArgumentKind where Value == UInt64 {
  /// A number in a range.
  static func number(_ noun: String, in range: ClosedRange<UInt64>, suffixes: NumberLiteral.Suffixes = .none)
    -> ArgumentKind
  {
    ArgumentKind { token, _ throws(CommandError) in
      let value: UInt64
      do throws(NumberLiteral.Failure) {
        value = try NumberLiteral.parse(token.text, suffixes: suffixes)
      } catch {
        throw CommandError(.invalidArgument, error.explanation(of: token.text), hint: "give \(noun)", at: token.span)
      }
      guard range.contains(value), !token.text.hasPrefix("-") else {
        throw CommandError(
          .invalidArgument, "\(token.text) is not \(noun)",
          hint: "from \(NumberStyle.decimal(range.lowerBound)) to \(NumberStyle.decimal(range.upperBound))",
          at: token.span)
      }
      return value
    }
  }

  /// A number of instructions or other things, with k, M and G for thousands.
  static let count = number("a count", in: 1...UInt64(Int64.max), suffixes: .decimal)

  /// An amount of memory in bytes, with K, M and G for 1024.
  static let bytes = number("an amount of memory", in: 1...(1 << 40), suffixes: .binary)

  /// An address or value: a number, a register, a symbol, or a sum of these.
  static let address = ArgumentKind(
    parse: { token, session throws(CommandError) in
      try session.value(of: AddressExpression(parsing: token))
    },
    candidates: { prefix, session in session.addressCandidates(prefix) })
}

extension ArgumentKind where Value == LibraryCall {
  /// A function of the program library.
  static let call = ArgumentKind(
    parse: { token, _ throws(CommandError) in
      if let call = LibraryCall.allCases.first(where: { $0.name == token.text }) { return call }
      let names = LibraryCall.allCases.map(\.name)
      let nearest = NearestMatch.nearest(to: token.text, among: names)
      throw CommandError(
        .unknownName, "there is no system call `\(token.text)`",
        hint: nearest.map { "did you mean `\($0)`?" } ?? "`help sys` lists them", at: token.span)
    },
    candidates: { _, _ in LibraryCall.allCases.map(\.name) })
}

extension ArgumentKind where Value == MemoryAccess {
  /// What an access wants to do.
  static let access = ArgumentKind(
    parse: { token, _ throws(CommandError) in
      let found = MemoryAccess.allCases.filter { !token.text.isEmpty && $0.rawValue.hasPrefix(token.text) }
      if found.count == 1 { return found[0] }
      throw CommandError(
        .invalidArgument, "`\(token.text)` is no kind of access", hint: "one of: read, write, execute", at: token.span)
    },
    candidates: { _, _ in MemoryAccess.allCases.map(\.rawValue) })
}

extension Session {
  /// The current system, or an error that says how to get one.
  func system(at span: SourceSpan? = nil) throws(CommandError) -> System {
    if laboratory.list().systems.isEmpty {
      throw CommandError(
        .noSystem, "no system is booted",
        hint: "try `boot \(KernelOrder.sorted(Laboratory.structures).first ?? "monolithic")`")
    }
    do {
      return try laboratory.current()
    } catch {
      throw CommandError(error)
    }
  }

  /// The value of an expression in the current system.
  func value(of expression: AddressExpression) throws(CommandError) -> UInt64 {
    try expression.value { term, span throws(CommandError) in
      switch term {
      case .number(let number): return number
      case .register(let name):
        let system = try self.system(at: span)
        do throws(LabError) {
          return try system.value(ofRegister: name)
        } catch {
          // The symbols of Swift code begin with a dollar sign as well.
          if let address = try? system.address(of: "$" + name) { return address }
          throw CommandError(error, at: span)
        }
      case .symbol(let name):
        let system = try self.system(at: span)
        do throws(LabError) {
          return try system.address(of: name)
        } catch {
          var located = CommandError(error, at: span)
          if let nearest = NearestMatch.nearest(to: name, among: self.symbols(String(name.prefix(1)))) {
            located.hint = "did you mean `\(nearest)`?"
          }
          throw located
        }
      }
    }
  }

  private static let mostSymbols = 500

  /// Symbols of the current system for completion and nearest matches.
  func symbols(_ prefix: String) -> [String] {
    guard let system = try? laboratory.current() else { return [] }
    var names = system.symbols(startingWith: prefix, limit: Self.mostSymbols)
    if prefix.contains(":") { return names }
    for program in system.programs {
      // An unqualified name reaches a program's symbol too, where only one image has it.
      let qualified = system.symbols(startingWith: "\(program):\(prefix)", limit: Self.mostSymbols)
      names += qualified.map { String($0.dropFirst(program.count + 1)) }
      if program.hasPrefix(prefix) { names.append(program + ":") }
    }
    return names
  }

  /// Registers and symbols for completion.
  func addressCandidates(_ prefix: String) -> [String] {
    if prefix.hasPrefix("$") { return RegisterNames.all.map { "$" + $0 } }
    return prefix.isEmpty ? ["$pc", "$sp"] : symbols(prefix)
  }
}

/// Names of the registers that expressions know.
enum RegisterNames {
  /// The ABI names of the integer registers (RISC-V calling convention), and pc.
  static let all: [String] =
    ["pc", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1"]
    + (0...7).map { "a\($0)" } + (2...11).map { "s\($0)" } + (3...6).map { "t\($0)" }
}
