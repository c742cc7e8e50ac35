// Facts about this process that lessons and benchmarks need: its environment, its executable, its folder.

import Foundation

/// The process's surroundings.
enum ProcessPlaces {
  static var environment: [String: String] { ProcessInfo.processInfo.environment }

  /// The file that this process executes.
  static var executable: URL {
    let path =
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? Swift.CommandLine.arguments[0]
    return URL(fileURLWithPath: path)
  }

  static var currentFolder: URL { URL(fileURLWithPath: FileManager.default.currentDirectoryPath) }
}
