// Compares a component's functions in an image with its object: equal in length, and equal in every bit that no
// relocation names.

@testable import GuestBuilder

enum SameCode {
  struct Comparison {
    /// Functions of the component that the image kept.
    var functions = 0
    /// Those whose code is not the object's.
    var differences: [String] = []
  }

  /// A relocation type for which no mask is known.
  struct UnknownRelocation: Error {
    var type: UInt32
  }

  static func compare(component: ObjectFile, name: String, image: ObjectFile) throws -> Comparison {
    var comparison = Comparison()
    let sources = component.symbols.filter { $0.isFunction && $0.isDefined }
    let names = Set(sources.map(\.name))
    let known = Set(image.symbols.filter { names.contains($0.name) }.map(\.value))
    for function in image.symbols where function.isFunction && function.isDefined {
      let section = image.sections[Int(function.section)]
      guard section.name == ".text.\(name)" else { continue }
      // A second name that the linker gave to a function, as a server's main function has it.
      if !names.contains(function.name) && known.contains(function.value) { continue }
      comparison.functions += 1
      let start = Int(function.value - section.address)
      let code = try image.content(of: section).dropFirst(start).prefix(Int(function.size))
      var isSame = false
      for source in sources where source.name == function.name && source.size == function.size {
        let masks = try masks(of: source, in: component)
        let content = try component.content(of: component.sections[Int(source.section)])
        let original = content.dropFirst(Int(source.value)).prefix(Int(source.size))
        isSame = isSame || zip(zip(original, code), masks).allSatisfy { ($0.0 ^ $0.1) & ~$1 == 0 }
      }
      if !isSame { comparison.differences.append(function.name) }
    }
    return comparison
  }

  /// For each byte of a function, the bits that the linker fills in (RISC-V ELF psABI, "Relocations").
  private static func masks(of function: ObjectFile.Symbol, in component: ObjectFile) throws -> [UInt8] {
    var masks = [UInt8](repeating: 0, count: Int(function.size))
    for relocation in try component.relocations(ofSection: Int(function.section)) {
      guard (function.value..<(function.value + function.size)).contains(relocation.offset) else { continue }
      let field: [UInt32]
      switch relocation.type {
      case 1: field = [0xffff_ffff]  // R_RISCV_32
      case 2: field = [0xffff_ffff, 0xffff_ffff]  // R_RISCV_64
      case 16, 25, 28: field = [0xfe00_0f80]  // R_RISCV_BRANCH, _PCREL_LO12_S, _LO12_S
      case 17, 20, 23, 26: field = [0xffff_f000]  // R_RISCV_JAL, _GOT_HI20, _PCREL_HI20, _HI20
      case 18, 19: field = [0xffff_f000, 0xfff0_0000]  // R_RISCV_CALL, _CALL_PLT
      case 24, 27: field = [0xfff0_0000]  // R_RISCV_PCREL_LO12_I, _LO12_I
      case 44: field = [0x1c7c]  // R_RISCV_RVC_BRANCH
      case 45: field = [0x1ffc]  // R_RISCV_RVC_JUMP
      default: throw UnknownRelocation(type: relocation.type)
      }
      let start = Int(relocation.offset - function.value)
      for (index, word) in field.enumerated() {
        for byte in 0..<4 where start + index * 4 + byte < masks.count {
          masks[start + index * 4 + byte] |= UInt8(truncatingIfNeeded: word >> UInt32(byte * 8))
        }
      }
    }
    return masks
  }
}
