// Looking at and setting the hart's state from outside, without the side effects an instruction would have.

extension Machine {
  /// The virtual address of the next instruction; its lowest bit is always 0.
  public var pc: UInt64 {
    get { hart.pc }
    set { hart.pc = newValue & ~1 }
  }

  /// The present privilege mode.
  public var privilege: Privilege { hart.privilege }

  /// True while the hart waits in `wfi`.
  public var isWaiting: Bool { hart.isWaiting }

  /// The instructions retired since reset.
  public var instructionCount: UInt64 { hart.instructionCount }

  /// The instructions retired and the exceptions and interrupts taken since reset: each `step` adds one, so that every
  /// state of a run has a number of its own.
  public var stepCount: UInt64 { hart.instructionCount &+ counts.traps &+ counts.interrupts }

  /// What was counted since reset.
  public var counters: Counters {
    var present = counts
    present.instructions = hart.instructionCount
    return present
  }

  /// The integer register with a number from 0 to 31; writes to register 0 are ignored.
  public subscript(register number: Int) -> UInt64 {
    get {
      precondition((0..<32).contains(number), "integer registers are numbered from 0 to 31")
      return registers[number]
    }
    set {
      precondition((0..<32).contains(number), "integer registers are numbered from 0 to 31")
      setRegister(number, newValue)
    }
  }

  /// The bits of the floating-point register with a number from 0 to 31; a single-precision number has all upper bits set.
  public subscript(floatingPointRegister number: Int) -> UInt64 {
    get {
      precondition((0..<32).contains(number), "floating-point registers are numbered from 0 to 31")
      return registers[Self.floatingPointBase + number]
    }
    set {
      precondition((0..<32).contains(number), "floating-point registers are numbered from 0 to 31")
      registers[Self.floatingPointBase + number] = newValue
    }
  }

  /// The value of a control and status register as M-mode would read it, or nil if there is none with this number.
  public func csr(_ number: Int) -> UInt64? {
    guard (0..<4096).contains(number) else { return nil }
    return controlRegister(UInt32(number))
  }

  /// Sets a control and status register as a write in M-mode would, keeping to its legal values.
  ///
  /// - Returns: false if there is no writable register with this number.
  public mutating func setCSR(_ number: Int, to value: UInt64) -> Bool {
    guard (0..<4096).contains(number), number >> 10 != 3, controlRegister(UInt32(number)) != nil else { return false }
    writeControlRegister(UInt32(number), value, retiring: 0)
    return true
  }

  /// What the TLB holds, in order of its sets and ways.
  public func tlbEntries() -> [TLBEntry] { tlb.present }

  /// A hash of the whole architectural state: registers, memory, TLB and devices; not of counters.
  public func stateHash() -> UInt64 {
    var hash = StateHash()
    for number in 0..<32 {
      hash.combine(registers[number])
      hash.combine(registers[Self.floatingPointBase + number])
    }
    hart.hash(into: &hash)
    protection.hash(into: &hash)
    tlb.hash(into: &hash)
    board.forEachStateWord { hash.combine($0) }
    hash.combine(ram.contentHash())
    return hash.value
  }
}
