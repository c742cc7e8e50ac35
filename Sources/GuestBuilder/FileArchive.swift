// Reads archives as `llvm-ar` writes them (the System V / GNU form): the programs of a structure, the components.

/// An archive of files, by name.
public struct FileArchive: Sendable {
  /// What is wrong with an archive.
  public struct Damaged: Error, Equatable, Sendable {
    /// Where the problem is, in bytes from the archive's start.
    public var offset: Int
    /// What was expected there.
    public var expected: String
  }

  /// The members in the archive's order.
  public let members: [(name: String, content: ArraySlice<UInt8>)]

  /// Reads an archive.
  ///
  /// - Throws: `Damaged` at the first thing that is no archive.
  public init(_ bytes: [UInt8]) throws(Damaged) {
    guard bytes.starts(with: Array("!<arch>\n".utf8)) else { throw Damaged(offset: 0, expected: "an archive's mark") }
    var members: [(name: String, content: ArraySlice<UInt8>)] = []
    var longNames: ArraySlice<UInt8> = []
    var offset = 8
    while offset < bytes.count {
      guard bytes.count - offset >= 60, bytes[offset + 58] == 0x60, bytes[offset + 59] == 0x0a,
        let size = Self.number(bytes[(offset + 48)..<(offset + 58)]), size <= bytes.count - offset - 60
      else { throw Damaged(offset: offset, expected: "a member's header and as many bytes as it says") }
      let content = bytes[(offset + 60)..<(offset + 60 + size)]
      let label = String(decoding: bytes[offset..<(offset + 16)].prefix { $0 != 0x20 }, as: UTF8.self)
      switch label {
      case "/", "/SYM64/": break
      case "//": longNames = content
      default:
        guard let name = Self.name(label, longNames) else {
          throw Damaged(offset: offset, expected: "a member's name")
        }
        members.append((name, content))
      }
      offset += 60 + size + size % 2
    }
    self.members = members
  }

  /// A member by its name.
  public subscript(name: String) -> ArraySlice<UInt8>? { members.first { $0.name == name }?.content }

  private static func number(_ field: ArraySlice<UInt8>) -> Int? {
    let digits = field.prefix { $0 != 0x20 }
    return digits.allSatisfy { (0x30...0x39).contains($0) } ? Int(String(decoding: digits, as: UTF8.self)) : nil
  }

  /// `name/`, or `/N`: the name at N in the table of long names, ended by a slash and a newline.
  private static func name(_ label: String, _ longNames: ArraySlice<UInt8>) -> String? {
    guard label.hasPrefix("/") else { return label.hasSuffix("/") ? String(label.dropLast()) : label }
    guard let position = Int(label.dropFirst()), position >= 0, position < longNames.count else { return nil }
    let name = longNames.dropFirst(position).prefix { $0 != 0x0a }
    return String(decoding: name.last == 0x2f ? name.dropLast() : name, as: UTF8.self)
  }
}
