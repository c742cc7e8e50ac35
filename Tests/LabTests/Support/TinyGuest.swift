// A guest of a page of assembly that keeps the contract between host and guests: task records, the agent and its mailbox,
// the symbols that the host watches. It lets the laboratory be tested without the real kernels; it is no kernel.

import Foundation
import GuestABI
import GuestBuilder
import Machine

@testable import Lab

enum TinyGuest {
  /// The linked files, assembled once.
  private static let files: Result<Files, LabError> = {
    do throws(LabError) { return .success(try build()) } catch { return .failure(error) }
  }()

  private struct Files {
    let kernel: [UInt8]
    let agent: [UInt8]
  }

  /// A laboratory that can boot `tiny`.
  static func laboratory() throws -> Laboratory {
    let image = try image()
    return Laboratory(
      images: ImageSource(
        structures: ["tiny"], image: { (_) throws(LabError) in image },
        disk: { () throws(LabError) in [UInt8](repeating: 7, count: 4096) }))
  }

  /// A booted system in a laboratory of its own.
  static func boot() throws -> (laboratory: Laboratory, system: System) {
    let laboratory = try laboratory()
    _ = try laboratory.boot(BootRequest(structure: "tiny", memoryBytes: 16 << 20))
    return (laboratory, try laboratory.current())
  }

  private static func build() throws(LabError) -> Files {
    let agent = try link(agentSource, "agent", base: "0x10000", extra: "")
    let agentPages = FileManager.default.temporaryDirectory.appending(path: "tiny-\(getpid())-agent.bin")
    defer { try? FileManager.default.removeItem(at: agentPages) }
    // The program's text and data follow each other, a page each.
    let program = try wrapped("agent") { try BootImage.segments(of: agent) }
    try wrapped("agent.bin") { try Data(program).write(to: agentPages) }
    let kernel = try link(
      kernelSource.replacing("AGENT", with: agentPages.path), "kernel", base: "0x80000000",
      extra: """
        .taskrecords 0x80001000 : { *(.taskrecords) }
        .text.blk : { *(.text.blk) }
        .text.fs : { *(.text.fs) }
        .data : { *(.data) }
        .archive : ALIGN(4096) { *(.archive) }
        .pagetables : ALIGN(4096) { *(.pagetables) }
        """)
    return Files(kernel: kernel, agent: agent)
  }

  static func image() throws -> BootImage {
    let files = try files.get()
    let manifest = ImageManifest(
      structure: "tiny",
      components: [
        .init(name: "fs", kind: "service", image: "kernel", entryPoints: ["fs_read", "fs_helper"]),
        .init(name: "blk", kind: "driver", image: "kernel", entryPoints: ["blk_submit"]),
        .init(name: "agent", kind: "program", image: "agent", entryPoints: ["program_main"]),
      ], programs: ["agent"])
    return try BootImage(manifest: manifest, kernel: files.kernel, programs: ["agent": files.agent])
  }

  private static func wrapped<Value>(_ what: String, _ body: () throws -> Value) throws(LabError) -> Value {
    do { return try body() } catch { throw LabError(.badFile, "\(what): \(error)") }
  }

  static func link(_ source: String, _ name: String, base: String, extra: String) throws(LabError) -> [UInt8] {
    try wrapped(name) {
      let folder = FileManager.default.temporaryDirectory.appending(path: "tiny-\(getpid())-\(name)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: folder) }
      let assembly = folder.appending(path: "a.s")
      let script = folder.appending(path: "a.ld")
      try Data(source.utf8).write(to: assembly)
      try Data(
        "ENTRY(_start)\nSECTIONS { . = \(base); .text : { *(.text) }\n\(extra)\n.data : ALIGN(4096) { *(.data) } }\n"
          .utf8
      )
      .write(to: script)
      let bin = try toolFolder()
      try run(
        bin.appending(path: "clang"),
        ["--target=riscv64-none-elf", "-march=rv64imac_zicsr_zifencei", "-mabi=lp64", "-c", "a.s", "-o", "a.o"],
        in: folder)
      try run(bin.appending(path: "ld.lld"), ["--no-relax", "-T", "a.ld", "a.o", "-o", "a.elf"], in: folder)
      return [UInt8](try Data(contentsOf: folder.appending(path: "a.elf")))
    }
  }

  /// The folder of the Swift toolchain's programs, which include an assembler and a linker for RISC-V.
  private static func toolFolder() throws -> URL {
    for folder in (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":") {
      let swiftc = URL(filePath: String(folder)).appending(path: "swiftc")
      guard FileManager.default.isExecutableFile(atPath: swiftc.path) else { continue }
      return swiftc.resolvingSymlinksInPath().deletingLastPathComponent()
    }
    throw LabError(.badFile, "there is no swiftc on PATH")
  }

  private static func run(_ tool: URL, _ arguments: [String], in folder: URL) throws {
    let process = Process()
    process.executableURL = tool
    process.arguments = arguments
    process.currentDirectoryURL = folder
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw LabError(.badFile, "\(tool.lastPathComponent) failed with status \(process.terminationStatus)")
    }
  }
}

extension BootImage {
  /// The bytes of an ELF's segments as they lie in memory, from the first one's page on.
  static func segments(of elf: [UInt8]) throws -> [UInt8] {
    let file = try ELFFile.parse(elf)
    var bytes: [UInt8] = []
    let base = file.segments[0].virtualAddress
    for segment in file.segments {
      bytes += [UInt8](repeating: 0, count: Int(segment.virtualAddress - base) - bytes.count)
      bytes += file.contents(of: segment)
    }
    return bytes + [UInt8](repeating: 0, count: (4096 - bytes.count % 4096) % 4096)
  }
}
