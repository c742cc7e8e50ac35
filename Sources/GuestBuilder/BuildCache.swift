// What tells that a step's result is still valid: a hash over everything that went into it.
//
// The hash only has to notice change; it is not a protection against an attacker.

import Foundation

/// A hash over the inputs of one step (128-bit FNV-1a).
struct InputHash: Equatable, Sendable {
  private var state: UInt128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d

  /// Adds bytes.
  mutating func add(_ bytes: some Sequence<UInt8>) {
    for byte in bytes { state = (state ^ UInt128(byte)) &* 0x0000_0000_0100_0000_0000_0000_0000_013b }
  }

  /// Adds a text with a mark of its end, so that two texts differ from their concatenation.
  mutating func add(_ text: String) {
    add(text.utf8)
    add(CollectionOfOne(0))
  }

  /// The hash as text.
  var text: String { String(state, radix: 16) }
}

/// Files and their hashes in the work folder.
struct BuildCache: Sendable {
  /// The folder that belongs to the builder alone.
  let folder: URL

  /// A file in the work folder, its parent folder made.
  func url(_ path: String) throws(GuestBuildError) -> URL {
    let url = folder.appendingPathComponent(path)
    let parent = url.deletingLastPathComponent()
    do {
      try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
    } catch {
      throw GuestBuildError.file(path: parent.path, problem: "cannot be made: \(error.localizedDescription)")
    }
    return url
  }

  /// Whether `product` was made from inputs with this hash.
  func isCurrent(_ product: URL, _ hash: InputHash) -> Bool {
    guard FileManager.default.fileExists(atPath: product.path),
      let known = try? String(contentsOf: stamp(of: product), encoding: .utf8)
    else { return false }
    return known == hash.text
  }

  /// Notes that `product` was made from inputs with this hash.
  func markCurrent(_ product: URL, _ hash: InputHash) throws(GuestBuildError) {
    try writeFile(Data(hash.text.utf8), to: stamp(of: product))
  }

  private func stamp(of product: URL) -> URL { product.appendingPathExtension("inputs") }
}

/// Reads a whole file.
func readFile(_ url: URL) throws(GuestBuildError) -> Data {
  do {
    return try Data(contentsOf: url)
  } catch {
    throw GuestBuildError.file(path: url.path, problem: "cannot be read: \(error.localizedDescription)")
  }
}

/// Writes a whole file, unless it already has this content.
func writeFile(_ content: Data, to url: URL) throws(GuestBuildError) {
  if let old = try? Data(contentsOf: url), old == content { return }
  do {
    try content.write(to: url, options: .atomic)
  } catch {
    throw GuestBuildError.file(path: url.path, problem: "cannot be written: \(error.localizedDescription)")
  }
}
