// The tools of the Swift toolchain that build guests, and how one of them is run.
//
// Nothing else is needed to build guests: callers must not add a cross compiler.

import Foundation

/// Paths of the tools.
public struct Toolchain: Equatable, Sendable {
  /// The Swift compiler.
  public var swiftc: String
  /// The C compiler and assembler.
  public var clang: String
  /// The linker.
  public var linker: String
  /// `llvm-objcopy`.
  public var objcopy: String
  /// `llvm-ar`.
  public var archiver: String

  /// Makes a toolchain from paths.
  public init(swiftc: String, clang: String, linker: String, objcopy: String, archiver: String) {
    self.swiftc = swiftc
    self.clang = clang
    self.linker = linker
    self.objcopy = objcopy
    self.archiver = archiver
  }

  /// Finds the toolchain whose `swiftc` comes first in a search path.
  ///
  /// - Parameter searchPath: Folders separated by colons, as in `PATH`.
  /// - Returns: The tools that lie beside that compiler.
  /// - Throws: `GuestBuildError.missingTool`.
  public static func discover(searchPath: String) throws(GuestBuildError) -> Toolchain {
    for folder in searchPath.split(separator: ":") {
      let candidate = URL(fileURLWithPath: String(folder)).appendingPathComponent("swiftc")
      guard FileManager.default.isExecutableFile(atPath: candidate.path) else { continue }
      return try Toolchain(folder: candidate.resolvingSymlinksInPath().deletingLastPathComponent())
    }
    throw GuestBuildError.missingTool(name: "swiftc", searched: searchPath.isEmpty ? "an empty PATH" : searchPath)
  }

  /// The tools in a toolchain's folder of programs.
  ///
  /// - Throws: `GuestBuildError.missingTool`.
  public init(folder: URL) throws(GuestBuildError) {
    func tool(_ name: String) throws(GuestBuildError) -> String {
      let path = folder.appendingPathComponent(name).path
      guard FileManager.default.isExecutableFile(atPath: path) else {
        throw GuestBuildError.missingTool(name: name, searched: folder.path)
      }
      return path
    }
    self.init(
      swiftc: try tool("swiftc"), clang: try tool("clang"), linker: try tool("ld.lld"),
      objcopy: try tool("llvm-objcopy"), archiver: try tool("llvm-ar"))
  }

  /// What identifies the tools' version: objects made by another compiler are not reused.
  var identity: String {
    let compiler = URL(fileURLWithPath: swiftc).resolvingSymlinksInPath().path
    let attributes = try? FileManager.default.attributesOfItem(atPath: compiler)
    let size = (attributes?[.size] as? Int) ?? 0
    let date = (attributes?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
    return "\(compiler) \(size) \(date) \(linker) \(clang) \(objcopy)"
  }
}

/// One run of a tool.
struct ToolRun {
  var executable: String
  var arguments: [String]
  /// What is being made, for error messages.
  var subject: String

  /// Runs the tool and waits for it.
  ///
  /// - Parameter log: A file for what the tool prints. A file, because a pipe's end could leak into another
  ///   tool that is started at the same moment.
  /// - Throws: `GuestBuildError.tool` with everything the tool printed.
  func run(log: URL) throws(GuestBuildError) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    let ended = DispatchSemaphore(value: 0)
    process.terminationHandler = { _ in ended.signal() }
    do {
      try Data().write(to: log)
      let output = try FileHandle(forWritingTo: log)
      process.standardOutput = output
      process.standardError = output
      try process.run()
    } catch {
      throw GuestBuildError.file(path: executable, problem: "cannot be started: \(error.localizedDescription)")
    }
    ended.wait()
    guard process.terminationReason == .exit, process.terminationStatus == 0 else {
      let diagnostics = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
      throw GuestBuildError.tool(
        name: URL(fileURLWithPath: executable).lastPathComponent, subject: subject, status: process.terminationStatus,
        command: ([executable] + arguments).joined(separator: " "),
        diagnostics: diagnostics.trimmingCharacters(in: .whitespacesAndNewlines))
    }
    try? FileManager.default.removeItem(at: log)
  }
}
