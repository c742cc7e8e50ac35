// Names of the integer and floating-point registers by the calling convention (RISC-V ELF psABI, "Register Convention").

/// The names of registers as assembly programmers write them.
public enum RegisterName {
  /// The names of `x0` to `x31` by the calling convention.
  public static let integer = [
    "zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "s2",
    "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6",
  ]

  /// The names of `f0` to `f31` by the calling convention.
  public static let floatingPoint = [
    "ft0", "ft1", "ft2", "ft3", "ft4", "ft5", "ft6", "ft7", "fs0", "fs1", "fa0", "fa1", "fa2", "fa3", "fa4", "fa5",
    "fa6", "fa7", "fs2", "fs3", "fs4", "fs5", "fs6", "fs7", "fs8", "fs9", "fs10", "fs11", "ft8", "ft9", "ft10", "ft11",
  ]

  /// The number of an integer register by its name: `a0`, `x10`, or `fp` for `s0`; nil if there is none of that name.
  public static func integerNumber(_ name: String) -> Int? {
    name == "fp" ? 8 : number(name, among: integer, prefix: "x")
  }

  /// The number of a floating-point register by its name, `fa0` or `f10`; nil if there is none of that name.
  public static func floatingPointNumber(_ name: String) -> Int? {
    number(name, among: floatingPoint, prefix: "f")
  }

  private static func number(_ name: String, among names: [String], prefix: String) -> Int? {
    names.firstIndex(of: name) ?? names.indices.first { name == "\(prefix)\($0)" }
  }
}
