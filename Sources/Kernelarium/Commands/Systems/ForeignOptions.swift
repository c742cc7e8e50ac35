// The options of `boot` that are about somebody else's image, and what is said about it when it stands ready.

import Lab

/// Which foreign image to boot.
struct ForeignOptions {
  static let parameters: [any CommandParameter] = [image, bios, initrd, append, dtb, net]

  private static let image = ValueOption(
    "--image", "FILE", ArgumentKind.file, "somebody else's kernel: an ELF file, or raw")
  private static let bios = ValueOption(
    "--bios", "FILE", ArgumentKind.file, "firmware that starts it: an ELF file, or raw for 0x80000000")
  private static let initrd = ValueOption("--initrd", "FILE", ArgumentKind.file, "an initial RAM disk for it")
  private static let append = ValueOption(
    "--append", "TEXT", ArgumentKind<String>.text, "its command line, in the device tree")
  private static let dtb = ValueOption(
    "--dtb", "FILE", ArgumentKind.file, "a flattened device tree instead of the machine's own")
  private static let net = FlagOption("--net", "a network adapter for it, whose link leads to a built-in host")

  /// What the machine is made of, without what `boot` has options for in any case.
  let setup: MachineSetup
  /// The first of the options given, as it is written.
  let firstOption: String

  /// The options given; nil if there are none.
  ///
  /// - Throws: `CommandError` when there is nothing to run.
  init?(_ arguments: Arguments) throws(CommandError) {
    let texts = [Self.image, Self.bios, Self.initrd, Self.append, Self.dtb].filter { arguments[$0] != nil }
    guard let first = texts.first?.label ?? (arguments[Self.net] ? Self.net.label : nil) else { return nil }
    firstOption = first
    setup = MachineSetup(
      bios: arguments[Self.bios], kernel: arguments[Self.image], initrd: arguments[Self.initrd],
      append: arguments[Self.append], dtb: arguments[Self.dtb], hasNetwork: arguments[Self.net])
    guard setup.bios != nil || setup.kernel != nil else {
      throw CommandError(
        .missingArgument, "`\(first)` is about somebody else's image, and none is named", hint: "add `--image FILE`",
        at: arguments.source.endSpan)
    }
  }

  /// A short name for the system, from the name of its file.
  var systemName: String {
    let path = setup.kernel ?? setup.bios ?? ""
    let file = path.split(separator: "/").last ?? ""
    let name = file.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    return name.isEmpty ? "foreign" : String(name.prefix(16))
  }
}

extension ForeignBootReport: CommandValue {
  func describe(in text: inout StyledText) {
    var line: StyledLine = "\(system, .name): stands at "
    line.append(entry.styled)
    line.append(", its first instruction. \(NumberStyle.bytes(memoryBytes)) of RAM; disk: \(disk).")
    text.paragraph(line, hanging: 2)
    for part in parts {
      let names = part.symbols > 0 ? NumberStyle.count(part.symbols, "symbol") : "no symbols"
      text.paragraph("\(part.name, .name): \(NumberStyle.bytes(part.bytes)), \(names)", indent: 2, hanging: 2)
    }
  }
}
