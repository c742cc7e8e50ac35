// `profile`: calls and programs with every instruction attributed. The counters are those of an unprofiled run.

import GuestABI
import Machine

extension System {
  /// Calls a library function as `call` does, and attributes each instruction; this runs the guest.
  ///
  /// - Parameters:
  ///   - call: The library function.
  ///   - arguments: As typed.
  /// - Throws: `LabError` when the arguments do not fit the call or the system cannot run.
  public func profile(_ call: LibraryCall, _ arguments: [CallArgument] = []) throws(LabError) -> ProfiledCallReport {
    let (report, profile) = try profiling { () throws(LabError) in try self.call(call, arguments) }
    return ProfiledCallReport(call: report, profile: profile)
  }

  /// Runs a program as `run` does, and attributes each instruction; this runs the guest.
  ///
  /// - Parameters:
  ///   - program: Its name in the boot archive.
  ///   - arguments: One string.
  /// - Throws: `LabError` when the program is not known or the system cannot run.
  public func profileRun(_ program: String, arguments: String) throws(LabError) -> ProfiledRunReport {
    let (report, profile) = try profiling { () throws(LabError) in try run(program, arguments: arguments) }
    return ProfiledRunReport(run: report, profile: profile)
  }

  /// Attributes the instructions of all calls that a body makes.
  func profiling<Result>(_ body: () throws(LabError) -> Result) throws(LabError) -> (Result, ProfileReport) {
    profiler = Profiler()
    defer {
      profiler = nil
      machine.profile = nil
    }
    let result = try body()
    endProfile()
    return (result, profiler?.report(image) ?? Profiler().report(image))
  }

  /// Counts from here on, if somebody wants a profile.
  func beginProfile() {
    guard profiler != nil else { return }
    machine.profile = InstructionProfile()
    noteProfiledSpace()
  }

  /// Takes over what was counted.
  func endProfile() {
    guard let counted = machine.profile else { return }
    machine.profile = nil
    profiler?.add(counted, of: image)
  }

  /// The hart has come, or may have come, to user code of another address space.
  func noteProfiledSpace() {
    guard machine.profile != nil, machine.privilege == .user else { return }
    let program = programImage(covering: machine.pc, satp: currentSatp)?.name
    machine.profile?.context = profiler?.context(of: program) ?? 0
  }

  /// What the machine must stop at while it counts.
  var profiledEvents: EventMask { machine.profile == nil ? [] : .trapReturns }
}
