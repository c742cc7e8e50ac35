// One booted system: a machine, the image that runs on it, its faults and breakpoints.
//
// Questions change nothing; operations that run the guest say so.

import GuestABI

/// A booted system.
public final class System {
  /// Its name in the laboratory.
  public internal(set) var name: String
  /// The kernel structure.
  public let kernel: String
  /// What it is doing.
  public internal(set) var state: SystemState = .running

  init(name: String, kernel: String) {
    self.name = name
    self.kernel = kernel
  }

  // MARK: State

  /// Everything about the system as a whole.
  public func report() -> SystemReport { fatalError() }
  /// What the prompt shows: kernel, privilege, task.
  public var position: (privilege: String, task: String?) { ("U", nil) }
  /// Instructions since reset.
  public var instructionCount: UInt64 { 0 }
  /// Names for completion: programs in the boot archive.
  public var programs: [String] { [] }
  /// Names for completion: tasks that exist.
  public var taskNames: [String] { [] }
  /// Names for completion: symbols that begin with a prefix, at most `limit`.
  public func symbols(startingWith prefix: String, limit: Int) -> [String] { [] }

  // MARK: Running (these run the guest)

  /// Calls a library function through the agent.
  public func call(_ call: LibraryCall, _ arguments: [CallArgument]) throws(LabError) -> CallReport {
    throw unfinished()
  }
  /// Starts a program through the agent and waits for its end.
  public func run(_ program: String, arguments: String) throws(LabError) -> RunReport { throw unfinished() }
  /// Lets the guest run while the agent sleeps, or completes a call that a breakpoint stopped.
  public func continueRunning(milliseconds: UInt64 = 1000) throws(LabError) -> StopReport { throw unfinished() }
  /// Executes instructions one by one, following traps.
  public func step(_ count: UInt64) throws(LabError) -> StopReport { throw unfinished() }
  /// Starts the guest's shell on its console.
  public func openConsole() throws(LabError) { throw unfinished() }
  /// Gives input to the guest's console and lets it run until it waits for more, at most `budget` instructions.
  public func console(input: [UInt8], budget: UInt64) throws(LabError) -> ConsoleSlice { throw unfinished() }

  // MARK: Breakpoints

  /// Sets a breakpoint at `SYMBOL`, `PROGRAM:SYMBOL`, `SYMBOL+N`, `ADDRESS` or `*ADDRESS`.
  public func setBreakpoint(at place: String, temporary: Bool) throws(LabError) -> BreakpointReport {
    throw unfinished()
  }
  /// Removes a breakpoint, or all.
  public func deleteBreakpoint(_ id: Int?) throws(LabError) -> BreakpointList { throw unfinished() }
  /// All breakpoints.
  public func breakpoints() -> BreakpointList { BreakpointList(breakpoints: []) }

  // MARK: Machine

  /// The integer registers.
  public func registers() -> RegisterReport { fatalError() }
  /// Changes an integer register or `pc`; returns the registers.
  public func setRegister(_ name: String, to value: UInt64) throws(LabError) -> RegisterReport { throw unfinished() }
  /// A register's value by name: `pc`, `a0`, `x10` or a control register.
  public func value(ofRegister name: String) throws(LabError) -> UInt64 { throw unfinished() }
  /// The control registers, or the named ones.
  public func controlRegisters(_ names: [String]) throws(LabError) -> CSRReport { throw unfinished() }
  /// The board's devices.
  public func devices() -> DeviceList { fatalError() }
  /// The architectural TLB.
  public func tlb() -> TLBReport { fatalError() }
  /// The machine's counters since reset.
  public func statistics() -> StatisticsReport { fatalError() }
  /// The address that `SYMBOL`, `PROGRAM:SYMBOL`, `SYMBOL+N` or a number names.
  public func address(of place: String) throws(LabError) -> UInt64 { throw unfinished() }
  /// Shows memory as a task sees it (nil: the current address space).
  public func examine(_ format: ExamineFormat, at address: UInt64, task: String? = nil) throws(LabError)
    -> ExamineReport
  {
    throw unfinished()
  }
  /// Shows physical memory.
  public func examinePhysical(_ format: ExamineFormat, at address: UInt64) throws(LabError) -> ExamineReport {
    throw unfinished()
  }
  /// Writes memory as a task sees it, ignoring page permissions.
  public func writeMemory(_ bytes: [UInt8], at address: UInt64, task: String? = nil) throws(LabError) {
    throw unfinished()
  }
  /// Disassembles from an address (nil: pc) as a task sees it; nil `count`: to the end of the function.
  public func disassemble(at address: UInt64?, count: Int?, task: String? = nil) throws(LabError) -> DisassemblyReport {
    throw unfinished()
  }

  // MARK: Tasks and address spaces

  /// The task table.
  public func tasks() -> TaskList { fatalError() }
  /// What is linked where.
  public func components() -> ComponentList { fatalError() }
  /// Walks the page table for one address (task nil: the current address space and privilege).
  public func translate(_ address: UInt64, task: String? = nil, access: MemoryAccess = .read) throws(LabError)
    -> TranslationReport
  { throw unfinished() }
  /// The page table of a task (nil: the current address space).
  public func pageTable(of task: String? = nil) throws(LabError) -> PageTableReport { throw unfinished() }
  /// The regions of a task's address space (nil: the current address space).
  public func regions(of task: String? = nil) throws(LabError) -> RegionReport { throw unfinished() }

  // MARK: Faults

  /// What can be injected.
  public static var faultTargets: [FaultTarget] { [] }
  /// Injects a fault.
  public func inject(_ kind: String, into driver: String) throws(LabError) -> FaultReport { throw unfinished() }
  /// Takes a fault away, restoring what it changed.
  public func removeFault(_ id: Int) throws(LabError) -> FaultReport { throw unfinished() }
  /// All faults.
  public func faults() -> FaultList { FaultList(faults: []) }
}
