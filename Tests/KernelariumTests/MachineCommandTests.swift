// `kernelarium machine` as a process: disks that are kept, device trees of one's own, guests that start the machine again.

import Foundation
import Machine
import Testing

@Suite(.serialized) struct MachineCommandTests {
  /// Adds one to the first byte of the disk's first sector and, when that is less than three, starts the machine again.
  private static let restarting = """
      .macro register offset value
      li t1, \\value
      sw t1, \\offset(s0)
      .endm
      li s0, 0x10008000
      register 0x70 0
      register 0x70 1
      register 0x70 3
      register 0x24 1
      register 0x20 1           # VERSION_1
      register 0x70 11
      register 0x30 0
      register 0x38 8
      la t1, descriptors
      sw t1, 0x80(s0)
      la t1, available
      sw t1, 0x90(s0)
      la t1, used
      sw t1, 0xa0(s0)
      register 0x44 1
      register 0x70 15
      la s2, descriptors
      la s3, available
      la s4, used
      la t0, header
      sd t0, 0(s2)
      li t0, 16
      sw t0, 8(s2)
      li t0, 1 | 1 << 16        # followed by descriptor 1
      sw t0, 12(s2)
      la s5, sector
      sd s5, 16(s2)
      li t0, 512
      sw t0, 24(s2)
      la t0, status
      sd t0, 32(s2)
      li t0, 1
      sw t0, 40(s2)
      li t0, 2                  # written by the device
      sw t0, 44(s2)
      # Read.
      li t0, 3 | 2 << 16        # written by the device, followed by descriptor 2
      sw t0, 28(s2)
      li a0, 1
      call request
      lbu t2, 0(s5)
      addi t2, t2, 1
      sb t2, 0(s5)
      # Write.
      la t0, header
      li t1, 1
      sw t1, 0(t0)
      li t0, 1 | 2 << 16
      sw t0, 28(s2)
      li a0, 2
      call request
      li t0, 0x100000
      li t1, 0x5555
      li t3, 3
      bgeu t2, t3, 1f
      li t1, 0x7777
    1: sw t1, 0(t0)
      j 1b
    request:
      sh a0, 2(s3)
      sw zero, 0x50(s0)
    2: lhu t0, 2(s4)
      bne t0, a0, 2b
      ret
      .data
      .balign 16
    descriptors: .zero 128
    available: .zero 32
    used: .zero 128
    header: .zero 16
    sector: .zero 512
    status: .byte 0xff
    """

  /// Sends the flattened device tree that a1 points to over the serial port.
  private static let showingItsTree = """
      li s0, 0x10000000
      lbu t0, 6(a1)             # bytes 2 and 3 of its size are enough for small trees
      lbu t1, 7(a1)
      slli t0, t0, 8
      or t0, t0, t1
    1: lbu t1, 0(a1)
      sb t1, 0(s0)
      addi a1, a1, 1
      addi t0, t0, -1
      bnez t0, 1b
      li t0, 0x100000
      li t1, 0x5555
      sw t1, 0(t0)
    2: j 2b
    """

  private func run(_ arguments: [String]) throws -> (status: Int32, output: Data, errors: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
      .deletingLastPathComponent().appendingPathComponent("kernelarium")
    process.arguments = ["machine"] + arguments
    process.environment = ["HOME": NSTemporaryDirectory(), "PATH": "/usr/bin:/bin"]
    let (outputPipe, errorPipe) = (Pipe(), Pipe())
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = outputPipe
    process.standardError = errorPipe
    try process.run()
    let output = outputPipe.fileHandleForReading.readDataToEndOfFile()
    let errors = errorPipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, output, String(decoding: errors, as: UTF8.self))
  }

  @Test func guestThatRestartsFindsTheDiskAsItLeftIt() throws {
    try AssembledGuest.withFolder { folder in
      let kernel = try AssembledGuest.file(Self.restarting, in: folder)
      let disk = folder.appending(path: "disk.img")
      let contents = Data((0..<2048).map { UInt8(truncatingIfNeeded: $0 / 512 * 16) })
      try contents.write(to: disk)
      let flags = ["--kernel", kernel, "--disk", disk.path, "--memory", "1M", "--limit", "1M"]
      let dry = try run(flags)
      #expect(dry.status == 0)
      #expect(dry.errors.contains("restart 1\n"))
      #expect(dry.errors.contains("restart 2\n"))
      #expect(!dry.errors.contains("restart 3"))
      #expect(try Data(contentsOf: disk) == contents, "without --persist the file stays as it was")

      let kept = try run(flags + ["--persist"])
      #expect(kept.status == 0)
      var changed = contents
      changed[0] = 3
      #expect(try Data(contentsOf: disk) == changed, "the changed sector and nothing else is written")

      let again = try run(flags + ["--persist", "--quiet"])
      #expect(again.errors.isEmpty)
      changed[0] = 4
      #expect(try Data(contentsOf: disk) == changed)
    }
  }

  @Test func folderInPlaceOfADiskIsAClearError() throws {
    try AssembledGuest.withFolder { folder in
      let kernel = try AssembledGuest.file(Self.restarting, in: folder)
      let run = try run(["--kernel", kernel, "--disk", folder.path, "--persist"])
      #expect(run.status == 3)
      #expect(run.errors.split(whereSeparator: \.isWhitespace).joined(separator: " ").contains("is a directory"))
    }
  }

  @Test func deviceTreeOfOnesOwnReachesTheGuest() throws {
    try AssembledGuest.withFolder { folder in
      let kernel = try AssembledGuest.file(Self.showingItsTree, in: folder)
      let tree = DeviceTreeNode("", [DeviceTreeProperty("model", strings: "my own tree")])
      let file = folder.appending(path: "own.dtb")
      try Data(tree.flattened).write(to: file)
      let own = try run(["--kernel", kernel, "--dtb", file.path, "--limit", "1M"])
      #expect(own.status == 0)
      #expect(own.output.range(of: Data("my own tree".utf8)) != nil)
      let standard = try run(["--kernel", kernel, "--limit", "1M"])
      #expect(standard.output.range(of: Data("my own tree".utf8)) == nil)
      #expect(standard.output.range(of: Data("ns16550a".utf8)) != nil)

      try Data(tree.flattened.dropLast(8)).write(to: file)
      let damaged = try run(["--kernel", kernel, "--dtb", file.path])
      #expect(damaged.status == 3)
      #expect(damaged.errors.contains("own.dtb"))
    }
  }
}
