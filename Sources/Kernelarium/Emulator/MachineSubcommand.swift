// `kernelarium machine`: the flags of the plain emulator. It knows nothing of kernels' structures, lessons or the prompt.

import ArgumentParser
import Glibc

/// `kernelarium machine …`.
struct MachineSubcommand: ProgramCommand {
  static let configuration = CommandConfiguration(
    commandName: "machine", _superCommandName: "kernelarium",
    abstract: "Run a foreign image on the machine alone: a plain emulator of QEMU's `virt` board.",
    discussion: """
      The guest's serial port is the terminal; Ctrl-] leaves. Without --bios, the hart enters the kernel in M-mode with \
      its number in a0 and the device tree's address in a1. With --bios, the firmware starts the kernel. The exit \
      status is the guest's own (through the test finisher or `tohost`: 0 or the number it gave); 2 wrong flags, \
      3 an unusable image, 5 instruction limit or hang, 130 interrupted.
      """)

  @ArgumentParser.Option(help: ArgumentHelp("Firmware: an ELF file, or raw for 0x80000000.", valueName: "file"))
  var bios: String?

  @ArgumentParser.Option(
    help: ArgumentHelp(
      "A kernel: an ELF file, or raw for 0x80000000, with firmware for 0x80200000 or the next 2 MiB behind it.",
      valueName: "file"))
  var kernel: String?

  @ArgumentParser.Option(help: ArgumentHelp("An initial RAM disk, announced in the device tree.", valueName: "file"))
  var initrd: String?

  @ArgumentParser.Option(help: ArgumentHelp("The kernel's command line.", valueName: "text"))
  var append: String?

  @ArgumentParser.Option(help: ArgumentHelp("A flattened device tree instead of the machine's own.", valueName: "file"))
  var dtb: String?

  @ArgumentParser.Option(
    help: ArgumentHelp(
      "A disk image for the last virtio slot; the file is only changed with --persist.", valueName: "file")
  )
  var disk: String?

  @Flag(help: "Write changed sectors back to the disk's file at the end.")
  var persist = false

  @Flag(help: "A virtio network adapter whose link leads to a built-in host.")
  var net = false

  @ArgumentParser.Option(help: ArgumentHelp("Keep the network's frames in a pcap file.", valueName: "file"))
  var capture: String?

  @ArgumentParser.Option(
    help: ArgumentHelp("RAM in bytes, with K, M or G.", valueName: "size"), transform: MachineSubcommand.bytes)
  var memory: UInt64 = 128 << 20

  @ArgumentParser.Option(
    help: ArgumentHelp("Instructions the guest may take, for example 5M.", valueName: "count"),
    transform: MachineSubcommand.count)
  var limit: UInt64?

  @ArgumentParser.Option(
    help: ArgumentHelp("Write every instruction and trap to a file; far slower.", valueName: "file"))
  var trace: String?

  @ArgumentParser.Option(
    help: ArgumentHelp(
      "Wait for a debugger on a TCP port of this computer, 0 for any; --limit does not count its steps.",
      valueName: "port"))
  var gdb: UInt16?

  @ArgumentParser.Option(
    help: ArgumentHelp("What pseudo-random devices start from.", valueName: "number"),
    transform: MachineSubcommand.count)
  var seed: UInt64 = 0

  @Flag(help: "Print nothing but what the guest prints.")
  var quiet = false

  /// What the machine is to be made of.
  var setup: MachineSetup {
    MachineSetup(
      bios: bios, kernel: kernel, initrd: initrd, append: append, dtb: dtb, disk: disk, hasNetwork: net, memory: memory,
      seed: seed)
  }

  private static func count(_ text: String) throws -> UInt64 { try number(text, .decimal, example: "5M or 200_000") }
  private static func bytes(_ text: String) throws -> UInt64 { try number(text, .binary, example: "64M or 1G") }

  private static func number(_ text: String, _ suffixes: NumberLiteral.Suffixes, example: String) throws -> UInt64 {
    do {
      return try NumberLiteral.parse(text, suffixes: suffixes)
    } catch {
      throw ValidationError(error.explanation(of: text) + "; for example \(example)")
    }
  }

  func validate() throws {
    if bios == nil, kernel == nil { throw ValidationError("there is nothing to run: give --kernel, --bios, or both") }
    if limit == 0 { throw ValidationError("--limit must be at least 1 instruction") }
    if persist, disk == nil { throw ValidationError("--persist needs a disk file to write to: give --disk as well") }
    if capture != nil, !net { throw ValidationError("--capture needs a network: give --net as well") }
    if gdb != nil, trace != nil { throw ValidationError("--gdb and --trace exclude each other: give one of them") }
    if memory < 4096 || memory % 4096 != 0 {
      throw ValidationError("--memory must be a multiple of 4096 bytes; for example 64M or 1G")
    }
    let available = MachineSetup.hostMemory
    if memory > available {
      throw ValidationError(
        "--memory \(NumberStyle.bytes(memory)) is more than this computer has, \(NumberStyle.bytes(available)); "
          + "for example 1G")
    }
  }

  func perform() -> ExitStatus {
    let renderer = Renderer(usesColor: false, isASCII: false)
    let output = Output(renderer: renderer, errorRenderer: renderer)
    do throws(CommandError) {
      let emulation = try Emulation(self, output: output)
      Glibc.exit(try emulation.run())
    } catch {
      output.writeError(ErrorText.text(error, in: nil))
      return .commandFailed
    }
  }
}
