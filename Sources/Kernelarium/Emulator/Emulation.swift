// One run of the plain emulator: a machine, its console, and what becomes of both. Only `MachineSubcommand` starts it.

import Glibc
import Lab
import Machine

/// A foreign image on a machine, with its console.
struct Emulation {
  /// How the guest's time passes between two looks at the console.
  private enum Slice {
    static let instructions: UInt64 = 2_000_000
    /// Ticks of the guest's clock: 20 ms, so that a waiting guest notices keys soon.
    static let ticks: UInt64 = 200_000
    /// Ticks for which waiting on the host is worth a system call: 1 ms.
    static let shortestWait: UInt64 = 10_000
    static let ticksPerMillisecond: UInt64 = 10_000
    /// Milliseconds for which a guest under a debugger waits for keys before the debugger is looked at.
    static let debuggedWait: Int32 = 20
  }

  /// Why a run ended.
  private enum End {
    case finished(FinisherStatus)
    case left
    case limit
    case hung(String)
    case interrupted
  }

  private let flags: MachineSubcommand
  private let output: Output
  private let contents: BootContents
  private let configuration: MachineConfiguration

  /// Reads all files that the flags name.
  init(_ flags: MachineSubcommand, output: Output) throws(CommandError) {
    self.flags = flags
    self.output = output
    contents = try flags.setup.contents()
    configuration = try flags.setup.configuration()
  }

  /// Runs the guest to its end and says what the process's exit status is to be.
  func run() throws(CommandError) -> Int32 {
    UserInterrupt.shared.install(stopping: nil)
    // Before the console is taken over, and so that no run is in vain.
    if let capture = flags.capture { try HostFile.write([], to: capture, as: "the capture") }
    var trace: InstructionTrace?
    if let path = flags.trace { trace = try InstructionTrace(path: path) }
    let console = HostConsole(output: output)
    defer { console.close() }
    if console.isTerminal { note("Ctrl-] leaves") }

    var remaining = flags.limit ?? .max
    var restarts = 0
    var next = configuration
    while true {
      // The debugger's target owns the machine, whether or not there is a debugger.
      let target = attended(try makeMachine(next), by: console)
      var end: End?
      if let port = flags.gdb, restarts == 0 { end = try debug(target, port: port) }
      let last = end ?? follow(&target.machine, console, &trace, &remaining)
      guard case .finished(.reset) = last else {
        try keep(&target.machine)
        return report(last, instructions: target.machine.instructionCount, console)
      }
      // A restart is a new machine with the disk as it is now.
      restarts += 1
      note("restart \(restarts)")
      next.replaceDisk(with: target.machine.board.disk)
    }
  }

  // MARK: Debugging

  /// A machine whose console goes on while a debugger runs it.
  private func attended(_ machine: consuming Machine, by console: HostConsole) -> MachineDebugTarget {
    MachineDebugTarget(machine) { machine, isIdle in
      console.write(machine.board.uart.takeOutput())
      switch console.read(waiting: isIdle ? Slice.debuggedWait : 0) {
      case .leave:
        // The server looks for what Ctrl-C would have done.
        raise(SIGINT)
        return false
      case .bytes(let bytes):
        if bytes.isEmpty { return false }
        machine.board.uart.receive(bytes)
        return true
      }
    }
  }

  /// Lets a debugger run the machine; returns nil if it went and the guest goes on by itself.
  private func debug(_ target: MachineDebugTarget, port: UInt16) throws(CommandError) -> End? {
    let session = try DebugServer.serve(target, port: port) { port in
      note("waiting for a debugger; in gdb-multiarch: `target remote :\(port)`")
    }
    if UserInterrupt.shared.isRequested { return .interrupted }
    if case .finished(let status)? = target.end { return .finished(status) }
    return session?.end == .killed ? .left : nil
  }

  // MARK: Running

  /// Runs one machine until something ends it.
  private func follow(
    _ machine: inout Machine, _ console: HostConsole, _ trace: inout InstructionTrace?, _ remaining: inout UInt64
  ) -> End {
    trace?.attach(to: &machine)
    var wait: Int32 = 0
    while true {
      switch console.read(waiting: wait) {
      case .leave: return .left
      case .bytes(let bytes): if !bytes.isEmpty { machine.board.uart.receive(bytes) }
      }
      wait = 0
      if UserInterrupt.shared.isRequested { return .interrupted }
      if remaining == 0 { return .limit }

      let (instructions, time) = (machine.instructionCount, machine.time)
      let slice = min(Slice.instructions, remaining)
      // Only somebody who may type needs to be looked after in between.
      let pause = console.isOpen ? time + Slice.ticks : .max
      let reason = trace?.run(&machine, limit: slice) ?? machine.run(limit: slice, untilTick: pause)
      let written = machine.board.uart.takeOutput()
      console.write(written)
      if console.isBroken { return .left }
      let retired = machine.instructionCount - instructions
      remaining -= retired

      switch reason {
      case .finished(let status): return .finished(status)
      case .idle:
        guard console.isOpen else { return .hung("the guest waits for an interrupt that nothing can send") }
        wait = -1
      case .trapLoop(let pc):
        return .hung(
          "traps follow each other without an instruction: the handler at \(NumberStyle.hexadecimal(pc)) traps")
      case .limit, .breakpoint, .tracepoint, .event, .hostInterrupt:
        // A guest that waits for its timer must not outrun the person who types.
        let idle = machine.time - time - min(machine.time - time, retired / configuration.instructionsPerTick)
        if console.isOpen, written.isEmpty, idle >= Slice.shortestWait {
          wait = Int32(clamping: idle / Slice.ticksPerMillisecond)
        }
      }
    }
  }

  // MARK: The machine

  private func makeMachine(_ configuration: MachineConfiguration) throws(CommandError) -> Machine {
    var machine: Machine
    do throws(MachineError) { machine = try Machine(configuration) } catch {
      throw CommandError(.machine, error.description)
    }
    do throws(LoadingError) { try machine.load(contents) } catch {
      throw CommandError(.badFile, error.description)
    }
    if flags.capture != nil { _ = machine.board.startCapture() }
    return machine
  }

  // MARK: The end

  /// Writes what outlives the machine.
  private func keep(_ machine: inout Machine) throws(CommandError) {
    if let path = flags.capture, let capture = machine.board.endCapture() {
      try HostFile.write(capture.fileContents, to: path, as: "the capture")
    }
    guard flags.persist, let path = flags.disk, let disk = machine.board.disk else { return }
    let blocks = disk.changedSectors.compactMap { sector in
      disk[sector: sector].map { (offset: Int(sector) * DiskImage.sectorSize, bytes: $0) }
    }
    if !blocks.isEmpty { try HostFile.write(blocks, into: path) }
  }

  private func report(_ end: End, instructions: UInt64, _ console: HostConsole) -> Int32 {
    if console.isTerminal { console.write(Array("\r\n".utf8)) }
    let after = "after \(NumberStyle.count(instructions, "instruction"))"
    switch end {
    case .finished(.pass), .finished(.reset):
      note("the guest ended with success \(after)")
      return ExitStatus.fine.rawValue
    case .finished(.fail(let code)):
      note("the guest ended with failure \(code) \(after)")
      // A process's status has eight bits, and a failure must not look like success.
      return code & 0xff == 0 ? 1 : Int32(code & 0xff)
    case .left:
      note("left \(after)")
      return ExitStatus.fine.rawValue
    case .limit:
      note("the limit of \(NumberStyle.count(flags.limit ?? .max, "instruction")) is used up; `--limit` allows more")
      return ExitStatus.guestHung.rawValue
    case .hung(let reason):
      note("\(reason), \(after)")
      return ExitStatus.guestHung.rawValue
    case .interrupted:
      note("interrupted \(after)")
      return ExitStatus.interrupted.rawValue
    }
  }

  private func note(_ text: String) {
    if !flags.quiet { _ = Output.writeAll("kernelarium machine: \(text)\n", to: STDERR_FILENO) }
  }
}

extension MachineConfiguration {
  /// Exchanges the disk that the machine was made with.
  fileprivate mutating func replaceDisk(with disk: DiskImage?) {
    guard let disk else { return }
    var board = BoardConfiguration(disk: disk, diskLatency: board.diskLatency)
    for (slot, device) in self.board.virtioDevices.enumerated() {
      guard let device, slot != MemoryMap.virtioBlockSlot else { continue }
      // The slots were free before, so they are now.
      _ = try? board.place(device, slot: slot)
    }
    board.seed = self.board.seed
    self.board = board
  }
}
