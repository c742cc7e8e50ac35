// The images of a system as files that a debugger reads symbols and source lines from.

import Machine

extension System {
  /// The ELF files of the kernel and of every program, by name; all programs are linked at the same address.
  public var symbolFiles: [(name: String, content: [UInt8])] {
    let programs = image.programs.values.sorted { $0.name < $1.name }
    return (image.privileged + programs).filter { !$0.elf.bytes.isEmpty }.map { ($0.name + ".elf", $0.elf.bytes) }
  }
}
