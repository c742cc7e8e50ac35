// Encodings of the F and D extensions.

extension Encoding {
  static let floatingPoint: [Encoding] =
    numbered(["flw": 2, "fld": 3], .floatLoad, opcode: MajorOpcode.floatLoad)
    + numbered(["fsw": 2, "fsd": 3], .floatStore, opcode: MajorOpcode.floatStore)
    + precision("s", 0) + precision("d", 1)
    + [
      convert("fcvt.s.d", .floatOneRounded, 0x20, 1), convert("fcvt.d.s", .floatOneExact, 0x21, 0),
      move("fmv.x.w", .floatToInteger, 0x70), move("fmv.w.x", .integerToFloat, 0x78),
      move("fmv.x.d", .floatToInteger, 0x71), move("fmv.d.x", .integerToFloat, 0x79),
    ]

  /// The instructions that exist for both precisions; `format` is 0 for single and 1 for double.
  private static func precision(_ suffix: String, _ format: UInt32) -> [Encoding] {
    let fused: KeyValuePairs<String, UInt32> = ["fmadd": 0x43, "fmsub": 0x47, "fnmsub": 0x4b, "fnmadd": 0x4f]
    let arithmetic: KeyValuePairs<String, UInt32> = ["fadd": 0x00, "fsub": 0x04, "fmul": 0x08, "fdiv": 0x0c]
    let integers: KeyValuePairs<String, UInt32> = ["w": 0, "wu": 1, "l": 2, "lu": 3]
    func exact(_ integer: UInt32) -> Bool { format == 1 && integer < 2 }
    return fused.map {
      Encoding(mnemonic: "\($0.key).\(suffix)", format: .floatFused, mask: 0x0600_007f, match: format << 25 | $0.value)
    }
      + arithmetic.map {
        Encoding(
          mnemonic: "\($0.key).\(suffix)", format: .floatRounded, mask: 0xfe00_007f,
          match: ($0.value | format) << 25 | MajorOpcode.float)
      }
      + [convert("fsqrt.\(suffix)", .floatOneRounded, 0x2c | format, 0)]
      + operations(["fsgnj": 0, "fsgnjn": 1, "fsgnjx": 2], .float, suffix, function7: 0x10 | format)
      + operations(["fmin": 0, "fmax": 1], .float, suffix, function7: 0x14 | format)
      + operations(["fle": 0, "flt": 1, "feq": 2], .floatCompare, suffix, function7: 0x50 | format)
      + [
        Encoding(
          "fclass.\(suffix)", .floatToInteger, opcode: MajorOpcode.float, function3: 1,
          immediate: (0x70 | format) << 5)
      ]
      + integers.map { convert("fcvt.\($0.key).\(suffix)", .floatToIntegerRounded, 0x60 | format, $0.value) }
      + integers.map {
        convert(
          "fcvt.\(suffix).\($0.key)", exact($0.value) ? .integerToFloatExact : .integerToFloatRounded, 0x68 | format,
          $0.value)
      }
  }

  private static func operations(
    _ names: KeyValuePairs<String, UInt32>, _ format: Instruction.Format, _ suffix: String, function7: UInt32
  ) -> [Encoding] {
    names.map {
      Encoding("\($0.key).\(suffix)", format, opcode: MajorOpcode.float, function3: $0.value, function7: function7)
    }
  }

  /// A conversion or root: the `rs2` field selects it and `funct3` is the rounding mode.
  private static func convert(
    _ mnemonic: String, _ format: Instruction.Format, _ function7: UInt32, _ rs2: UInt32
  ) -> Encoding {
    Encoding(
      mnemonic: mnemonic, format: format, mask: 0xfff0_007f, match: function7 << 25 | rs2 << 20 | MajorOpcode.float)
  }

  private static func move(_ mnemonic: String, _ format: Instruction.Format, _ function7: UInt32) -> Encoding {
    Encoding(mnemonic, format, opcode: MajorOpcode.float, function3: 0, immediate: function7 << 5)
  }
}
