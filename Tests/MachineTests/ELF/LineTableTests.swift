// Line tables: compared with the toolchain's symboliser, and fed garbage.

import Foundation
import Testing

@testable import Machine

@Suite("Line table")
struct LineTableTests {
  private static let source = """
    int twice(int x) {
      if (x > 3)
        return x * 2;
      for (int i = 0; i < x; i++)
        x += i ^ x;
      return x;
    }
    int _start(void) {
      return twice(5) + twice(1);
    }
    """

  /// Two source files, compiled and linked with the given version of DWARF.
  private static func image(version: Int, in folder: URL) throws -> (path: String, file: ELFFile) {
    var objects: [String] = []
    for (name, text) in [
      ("main", source), ("other", source.replacing("twice", with: "thrice").replacing("_start", with: "g")),
    ] {
      let path = folder.appending(path: "\(name).c")
      try Data(text.utf8).write(to: path)
      objects.append(folder.appending(path: "\(name).o").path)
      _ = try Toolchain.run(
        "clang",
        [
          "--target=riscv64-none-elf", "-march=rv64imac", "-mabi=lp64", "-mcmodel=medany", "-O1", "-gdwarf-\(version)",
          "-c",
          path.path, "-o", objects[objects.count - 1],
        ])
    }
    let output = folder.appending(path: "image.elf").path
    _ = try Toolchain.run("ld.lld", ["-Ttext=0x80000000"] + objects + ["-o", output])
    return (output, try ELFFile.parse(Array(Data(contentsOf: URL(fileURLWithPath: output)))))
  }

  @Test(.enabled(if: Toolchain.has("clang", "ld.lld", "llvm-symbolizer")), arguments: [4, 5])
  func everyInstructionHasTheLocationTheSymboliserGives(version: Int) throws {
    try Toolchain.withTemporaryFolder { folder in
      let (path, file) = try Self.image(version: version, in: folder)
      let table = LineTable(file)
      let text = try #require(file.section(".text"))
      let addresses = Array(stride(from: text.address, to: text.address + text.size, by: 2))
      let output = try Toolchain.run(
        "llvm-symbolizer", ["--obj=\(path)", "--no-inlines", "--functions=none"],
        input: addresses.map { "0x\(String($0, radix: 16))" }.joined(separator: "\n"))
      let expected = output.split(separator: "\n").map(String.init)
      try #require(expected.count == addresses.count)
      for (address, expected) in zip(addresses, expected) {
        let location = table.location(of: address)
        // A linker's padding and line 0 have no location.
        let found = location.map { "\($0.file):\($0.line):\($0.column)" }
        if !expected.contains("??"), !expected.contains(".c:0:") { #expect(found == expected) }
      }
      #expect(table.location(of: text.address)?.fileName == "main.c")
      #expect(table.location(of: text.address - 2) == nil)
      #expect(table.location(of: text.address + text.size) == nil)
    }
  }

  @Test func imageWithoutDebugInformationHasAnEmptyTable() throws {
    let table = LineTable(try ELFFile.parse(makeELF()))
    #expect(table.isEmpty)
    #expect(table.location(of: 0x8000_0000) == nil)
  }

  @Test(.enabled(if: Toolchain.has("clang", "ld.lld")), arguments: [4, 5])
  func damagedDebugInformationNeverCrashes(version: Int) throws {
    let file = try Toolchain.withTemporaryFolder { try Self.image(version: version, in: $0).file }
    let line = Array(file.contents(ofSection: ".debug_line"))
    let strings = Array(file.contents(ofSection: ".debug_line_str"))
    var generator = SeededGenerator(seed: UInt64(version))
    var usable = 0
    for _ in 0..<10_000 {
      var damaged = line
      for _ in 0..<Int.random(in: 1...8, using: &generator) {
        damaged[.random(in: damaged.indices, using: &generator)] = .random(in: 0...255, using: &generator)
      }
      if Int.random(in: 0..<4, using: &generator) == 0 {
        damaged.removeLast(.random(in: 0..<damaged.count, using: &generator))
      }
      let table = LineTable(line: damaged, lineStrings: strings, strings: [])
      if table.location(of: 0x8000_0010) != nil { usable += 1 }
    }
    #expect(usable > 1000)
  }

  @Test func randomBytesNeverCrash() {
    var generator = SeededGenerator(seed: 6)
    for _ in 0..<20_000 {
      var bytes = (0..<Int.random(in: 0...80, using: &generator)).map { _ in
        UInt8.random(in: 0...255, using: &generator)
      }
      if bytes.count > 6 { bytes.replaceSubrange(0..<6, with: [UInt8(bytes.count - 4), 0, 0, 0, 5, 0]) }
      let table = LineTable(line: bytes, lineStrings: bytes, strings: bytes)
      #expect(table.location(of: 0) == nil)
    }
  }
}
