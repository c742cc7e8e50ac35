// `info calls`: the calls into the kernel that user code can make, found in the linked images themselves: every function
// that holds an `ecall`, with the number that it puts into a7. No list is kept here that could be out of date.

import Machine

extension Laboratory {
  /// The system-call tables of structures; nothing is booted.
  ///
  /// - Parameter kernels: Structures; `all` stands for all that were built.
  /// - Throws: `LabError` when a structure is not known or was not built.
  public func systemCalls(_ kernels: [String]) throws(LabError) -> SystemCallList {
    var names: [String] = []
    for kernel in kernels { names += kernel == "all" ? bootableStructures : [try structure(kernel)] }
    var list = SystemCallList(kernels: [])
    for name in names where !list.kernels.contains(where: { $0.kernel == name }) {
      list.kernels.append(try bootImage(of: name).systemCalls)
    }
    return list
  }
}

extension System {
  /// The system calls of this system's programs and servers.
  public func systemCalls() -> SystemCallList { SystemCallList(kernels: [image.systemCalls]) }
}

extension BootImage {
  fileprivate var systemCalls: SystemCallTable {
    var calls: [UInt64?: SystemCallReport] = [:]
    for name in manifest.programs {
      guard let program = programs[name] else { continue }
      for trap in program.environmentCalls {
        var call = calls[trap.number] ?? SystemCallReport(number: trap.number, functions: [], users: [])
        if !call.functions.contains(trap.function) { call.functions.append(trap.function) }
        if !call.users.contains(name) { call.users.append(name) }
        calls[trap.number] = call
      }
    }
    return SystemCallTable(
      kernel: manifest.structure,
      calls: calls.values.sorted { ($0.number ?? .max) < ($1.number ?? .max) })
  }
}

extension ProgramImage {
  /// The encoding of `ecall` (unprivileged specification 2.8).
  private static let environmentCall: UInt32 = 0x73

  /// Every `ecall` in the image: the function it is in, and the constant that is in a7 by then.
  fileprivate var environmentCalls: [(function: String, number: UInt64?)] {
    elf.symbols.all.filter { $0.kind == .function && section(at: $0.address)?.isExecutable == true }.flatMap { symbol in
      guard let code = bytes(at: symbol.address, count: Int(clamping: symbol.size)) else {
        return [(function: String, number: UInt64?)]()
      }
      return Self.callNumbers(in: code).map { (SymbolName.readable(symbol.name), $0) }
    }
  }

  /// The values of a7 at each `ecall` of a function, following its instructions from the first.
  private static func callNumbers(in code: [UInt8]) -> [UInt64?] {
    var numbers: [UInt64?] = []
    var known: UInt64?
    var offset = 0
    while offset + 2 <= code.count {
      let half = UInt32(code[offset]) | UInt32(code[offset + 1]) << 8
      guard half & 3 == 3 else {
        // c.li a7, immediate
        if half & 0xef83 == 0x4881 { known = UInt64(half >> 2 & 31) }
        offset += 2
        continue
      }
      guard offset + 4 <= code.count else { break }
      let word = half | UInt32(code[offset + 2]) << 16 | UInt32(code[offset + 3]) << 24
      if word == environmentCall { numbers.append(known) }
      // addi a7, zero, immediate
      if word & 0xfffff == 0x00893 { known = UInt64(word >> 20) }
      offset += 4
    }
    return numbers
  }
}
