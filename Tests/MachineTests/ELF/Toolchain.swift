// Runs programs of the Swift toolchain, which brings a RISC-V compiler, linker and symboliser, for tests that compare with them.

import Foundation

/// The folder of the toolchain's programs.
enum Toolchain {
  static let folder: URL? = {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    return path.split(separator: ":").map { URL(fileURLWithPath: "\($0)/swiftc") }
      .first { FileManager.default.isExecutableFile(atPath: $0.path) }?
      .resolvingSymlinksInPath().deletingLastPathComponent()
  }()

  /// Whether all the named programs are there.
  static func has(_ tools: String...) -> Bool {
    tools.allSatisfy { program($0) != nil }
  }

  /// Runs a program to its end and returns what it printed.
  static func run(_ tool: String, _ arguments: [String], input: String = "") throws -> String {
    guard let program = program(tool) else { throw CocoaError(.fileNoSuchFile) }
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    let output = Pipe()
    let standardInput = Pipe()
    process.standardOutput = output
    process.standardInput = standardInput
    try process.run()
    try standardInput.fileHandleForWriting.write(contentsOf: Data(input.utf8))
    try standardInput.fileHandleForWriting.close()
    let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
    return text
  }

  /// Gives the body an empty folder that is removed afterwards.
  static func withTemporaryFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: "kernelarium-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
  }

  private static func program(_ tool: String) -> URL? {
    let candidates = [folder?.appending(path: tool), URL(fileURLWithPath: "/usr/bin/\(tool)")]
    return candidates.compactMap { $0 }.first { FileManager.default.isExecutableFile(atPath: $0.path) }
  }
}
