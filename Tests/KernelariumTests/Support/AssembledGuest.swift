// Small foreign guests as files, assembled and linked by the Swift toolchain's own programs.

import Foundation

/// Makes ELF files from assembly.
enum AssembledGuest {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// The path of an executable for 0x80000000; whoever asks for it removes its folder.
  static func file(_ source: String, in folder: URL) throws -> String {
    let assembly = folder.appending(path: "guest.s")
    try Data((".option norelax\n.globl _start\n_start:\n" + source).utf8).write(to: assembly)
    let script = folder.appending(path: "guest.ld")
    let sections = ".text : { *(.text) } .data : ALIGN(4096) { *(.data) }"
    try Data("ENTRY(_start)\nSECTIONS { . = 0x80000000; \(sections) }\n".utf8).write(to: script)
    let tools = try toolFolder()
    try run(
      tools.appending(path: "clang"),
      ["--target=riscv64-none-elf", "-march=rv64gc", "-mabi=lp64d", "-c", "guest.s", "-o", "guest.o"], in: folder)
    try run(
      tools.appending(path: "ld.lld"), ["--no-relax", "-T", "guest.ld", "guest.o", "-o", "guest.elf"], in: folder)
    return folder.appending(path: "guest.elf").path
  }

  /// A folder for one test.
  static func withFolder<Value>(_ body: (URL) throws -> Value) throws -> Value {
    let folder = FileManager.default.temporaryDirectory.appending(path: "kernelarium-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
  }

  private static func toolFolder() throws -> URL {
    for folder in (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":") {
      let swiftc = URL(filePath: String(folder)).appending(path: "swiftc")
      guard FileManager.default.isExecutableFile(atPath: swiftc.path) else { continue }
      return swiftc.resolvingSymlinksInPath().deletingLastPathComponent()
    }
    throw Failure(description: "there is no swiftc on PATH")
  }

  private static func run(_ tool: URL, _ arguments: [String], in folder: URL) throws {
    let process = Process()
    process.executableURL = tool
    process.arguments = arguments
    process.currentDirectoryURL = folder
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failure(description: "\(tool.lastPathComponent) failed with status \(process.terminationStatus)")
    }
  }
}
