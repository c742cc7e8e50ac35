// Files of the standard disk that nobody has to write by hand: made when the disk's image is built.
//
// The content depends on nothing but this source.

/// What is put on the disk beside the files of the disk's folder.
public struct GeneratedFile: Sendable {
  /// The folder below the disk's root, which must exist, as in `data`.
  public let folder: String
  /// The file's name, which the folder must not have.
  public let name: String
  /// Its bytes.
  public let content: [UInt8]

  /// Makes a file.
  public init(folder: String, name: String, content: [UInt8]) {
    self.folder = folder
    self.name = name
    self.content = content
  }

  /// `/data/scan`: 48 blocks of numbered lines, half as much again as the file system's block cache holds.
  public static let scan = GeneratedFile(
    folder: "data", name: "scan",
    content: (0..<48 * 64).flatMap { line in
      let text = "block \(line / 64) line \(line % 64) "
      return Array(text.utf8) + [UInt8](repeating: UInt8(ascii: "."), count: 63 - text.utf8.count)
        + [UInt8(ascii: "\n")]
    })
}
