// The images of a system as files that a debugger reads symbols and source lines from.

import Machine

extension System {
  /// The ELF files of the kernel and of every program, by name; all programs are linked at the same address.
  public var symbolFiles: [(name: String, content: [UInt8])] {
    let programs = image.programs.values.sorted { $0.name < $1.name }
    return (image.privileged + programs).filter { !$0.elf.bytes.isEmpty }.map { ($0.name + ".elf", $0.elf.bytes) }
  }
}

extension System {
  /// For each program a function that neither another program nor the kernel has: whoever knows it has read that program's
  /// symbols.
  var distinctiveSymbols: [(program: String, symbol: String)] {
    var owners: [String: Int] = [:]
    let images = image.privileged + Array(image.programs.values)
    for image in images {
      for name in Set(image.elf.symbols.all.map(\.name)) { owners[name, default: 0] += 1 }
    }
    return image.programs.values.sorted { $0.name < $1.name }.compactMap { program in
      let names = program.elf.symbols.all.filter { $0.kind == .function && owners[$0.name] == 1 }.map(\.name)
      return names.min().map { (program.name, $0) }
    }
  }
}
