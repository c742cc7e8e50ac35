// What the toolchain's disassembler says about instruction words, to compare with.

import Foundation

/// The `llvm-objdump` of the Swift toolchain.
enum ObjectDump {
  /// The folder of the toolchain's programs, if it has what is needed.
  static let toolchain: URL? = {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    let compiler = path.split(separator: ":").map { URL(fileURLWithPath: "\($0)/swiftc") }
      .first { FileManager.default.isExecutableFile(atPath: $0.path) }
    let folder = compiler?.resolvingSymlinksInPath().deletingLastPathComponent()
    let tools = ["clang", "llvm-objdump"]
    return folder.flatMap { folder in
      tools.allSatisfy { FileManager.default.isExecutableFile(atPath: folder.appending(path: $0).path) } ? folder : nil
    }
  }()

  /// Disassembles words of one length that lie one after the other from an address on.
  ///
  /// - Returns: One line for each word, with the mnemonic and the operands separated by a space.
  static func texts(of words: [UInt32], length: Int, at address: UInt64) throws -> [String] {
    guard let toolchain else { throw CocoaError(.fileNoSuchFile) }
    let folder = FileManager.default.temporaryDirectory.appending(path: "kernelarium-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let source = folder.appending(path: "words.s").path
    let object = folder.appending(path: "words.o").path
    // `.insn` marks the words as code; as data they would not be disassembled.
    let lines = words.map { ".insn \(length), 0x" + String($0, radix: 16) }
    try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: source))
    _ = try run(
      toolchain.appending(path: "clang"),
      ["--target=riscv64-none-elf", "-march=rv64gc_zba_zbb_zbs", "-mabi=lp64", "-c", source, "-o", object])
    let output = try run(
      toolchain.appending(path: "llvm-objdump"),
      ["-d", "--no-show-raw-insn", "--no-leading-addr", "--adjust-vma=0x" + String(address, radix: 16), object])
    return output.split(separator: "\n").filter { $0.first == "\t" || $0.first == " " }.map(normalized)
  }

  /// The text without alignment and without the names and results that the tool adds.
  private static func normalized(_ line: Substring) -> String {
    let fields = line.split(separator: "\t").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    let text = fields.joined(separator: " ")
    guard !text.hasPrefix("<"), let end = text.firstRange(of: " <") ?? text.firstRange(of: " #") else { return text }
    return String(text[..<end.lowerBound]).trimmingCharacters(in: .whitespaces)
  }

  private static func run(_ program: URL, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
    return text
  }
}
