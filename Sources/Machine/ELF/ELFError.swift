// What can be wrong with an executable. Every case says what was found and what was expected; none is a programming error.

/// Why a file is no image that the machine can run.
public enum ELFError: Error, Hashable, CustomStringConvertible {
  /// The file does not start with the ELF magic number.
  case notELF
  /// The file ends inside a structure.
  case truncated(structure: String, offset: UInt64, count: UInt64, fileSize: Int)
  /// The file is for 32-bit machines.
  case wrongClass(UInt8)
  /// The file is big endian.
  case wrongByteOrder(UInt8)
  /// The file is for another processor.
  case wrongMachine(UInt16)
  /// The file is an object file, a shared library or a core dump.
  case notExecutable(type: UInt16)
  /// A table's entries are smaller than their structure.
  case entryTooSmall(structure: String, size: UInt16, expected: Int)
  /// A segment takes more from the file than it occupies in memory.
  case segmentLargerThanMemory(index: Int)
  /// A segment's addresses run over the end of the address space.
  case segmentWraps(index: Int)
  /// Two segments occupy the same addresses.
  case segmentsOverlap(Int, Int)
  /// There is nothing to load.
  case nothingToLoad

  /// What is wrong, what was expected, and one thing to try.
  public var description: String {
    switch self {
    case .notELF:
      "not an ELF file: it does not start with 0x7f 'E' 'L' 'F'. Check that this is a kernel image"
    case .truncated(let structure, let offset, let count, let fileSize):
      "the file is truncated: \(structure) needs \(count) bytes at offset \(offset), but the file has \(fileSize) bytes. "
        + "Build or copy the image again"
    case .wrongClass(let value):
      "wrong ELF class \(value): expected 2 (64-bit). Build for riscv64"
    case .wrongByteOrder(let value):
      "wrong byte order \(value): expected 1 (little endian). Build for riscv64, which is little endian"
    case .wrongMachine(let value):
      "the file is for machine type \(value): expected 243 (RISC-V). Build with a riscv64 target"
    case .notExecutable(let type):
      "the file has ELF type \(type): expected 2 (executable). Link it with `ld.lld --static -T SCRIPT`"
    case .entryTooSmall(let structure, let size, let expected):
      "\(structure) has entries of \(size) bytes: expected at least \(expected). The file is damaged; build it again"
    case .segmentLargerThanMemory(let index):
      "segment \(index) has more bytes in the file than in memory. The file is damaged; build it again"
    case .segmentWraps(let index):
      "segment \(index) runs over the end of the address space. Check the linker script's addresses"
    case .segmentsOverlap(let first, let second):
      "segments \(first) and \(second) overlap in memory. Check the linker script's addresses"
    case .nothingToLoad:
      "the file has no loadable segment. Check the linker script and the input files"
    }
  }
}
