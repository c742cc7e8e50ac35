// The flattened form of a device tree (Devicetree Specification v0.4, chapter 5; version 17 of the format).
// The reader takes any bytes and never goes outside them.

/// Why bytes are no flattened device tree.
public enum DeviceTreeError: Error, Hashable, CustomStringConvertible {
  /// The bytes end before the structure they announce.
  case truncated(offset: Int)
  /// The first word is not the magic number.
  case wrongMagic(UInt32)
  /// A reader of version 17 cannot understand this format.
  case unsupportedVersion(UInt32)
  /// The structure block holds a token that is not allowed there.
  case unexpectedToken(UInt32, offset: Int)
  /// A name has no end or is not UTF-8.
  case malformedName(offset: Int)
  /// Nodes are nested deeper than any real tree.
  case nestedTooDeeply(offset: Int)

  /// What is wrong and where, and one thing to try.
  public var description: String {
    let problem =
      switch self {
      case .truncated(let offset): "it ends before offset \(offset)"
      case .wrongMagic(let magic): "it starts with 0x\(String(magic, radix: 16)); expected 0xd00dfeed"
      case .unsupportedVersion(let version):
        "its format is only readable from version \(version) on; expected 17 or less"
      case .unexpectedToken(let token, let offset): "unexpected token \(token) at offset \(offset)"
      case .malformedName(let offset): "malformed name at offset \(offset)"
      case .nestedTooDeeply(let offset): "nodes are nested too deeply at offset \(offset)"
      }
    return "not a usable flattened device tree: \(problem). Check the file with `dtc -I dtb`"
  }
}

private enum Token {
  static let beginNode: UInt32 = 1
  static let endNode: UInt32 = 2
  static let property: UInt32 = 3
  static let nop: UInt32 = 4
  static let end: UInt32 = 9
}

private let magicNumber: UInt32 = 0xd00d_feed
private let formatVersion: UInt32 = 17
private let lastCompatibleVersion: UInt32 = 16
private let headerSize = 40
/// The memory reservation block holds nothing but its terminator.
private let reservationBlock = [UInt8](repeating: 0, count: 16)
private let deepestNesting = 64

extension DeviceTreeNode {
  /// The tree below this node in flattened form, this node being the root.
  public var flattened: [UInt8] {
    var writer = Writer()
    writer.append(self)
    writer.structure += Token.end.bigEndianBytes
    let structureOffset = headerSize + reservationBlock.count
    let stringsOffset = structureOffset + writer.structure.count
    let header: [UInt32] = [
      magicNumber, UInt32(stringsOffset + writer.strings.count), UInt32(structureOffset), UInt32(stringsOffset),
      UInt32(headerSize), formatVersion, lastCompatibleVersion, 0, UInt32(writer.strings.count),
      UInt32(writer.structure.count),
    ]
    return header.flatMap(\.bigEndianBytes) + reservationBlock + writer.structure + writer.strings
  }

  /// Reads a flattened device tree.
  ///
  /// - Parameter bytes: The tree; bytes after its end are ignored.
  /// - Throws: `DeviceTreeError`, naming what is wrong and where.
  public init(flattened bytes: [UInt8]) throws(DeviceTreeError) {
    guard bytes.count >= headerSize else { throw .truncated(offset: bytes.count) }
    guard bytes.bigEndian(at: 0) == magicNumber else { throw .wrongMagic(bytes.bigEndian(at: 0)) }
    let lastCompatible = bytes.bigEndian(at: 24)
    guard lastCompatible <= formatVersion else { throw .unsupportedVersion(lastCompatible) }
    let totalSize = Int(bytes.bigEndian(at: 4))
    guard totalSize <= bytes.count else { throw .truncated(offset: bytes.count) }
    var reader = Reader(
      bytes: bytes, position: Int(bytes.bigEndian(at: 8)), end: totalSize, strings: Int(bytes.bigEndian(at: 12)))
    let start = reader.position
    let token = try reader.token()
    guard token == Token.beginNode else { throw .unexpectedToken(token, offset: start) }
    self = try reader.node(depth: 0)
  }
}

private struct Writer {
  var structure: [UInt8] = []
  var strings: [UInt8] = []
  private var stringOffsets: [String: Int] = [:]

  mutating func append(_ node: DeviceTreeNode) {
    structure += Token.beginNode.bigEndianBytes + Array(node.name.utf8) + [0]
    align()
    for property in node.properties {
      let name = offset(of: property.name)
      structure += Token.property.bigEndianBytes + UInt32(property.value.count).bigEndianBytes
      structure += UInt32(name).bigEndianBytes + property.value
      align()
    }
    for child in node.children { append(child) }
    structure += Token.endNode.bigEndianBytes
  }

  private mutating func offset(of name: String) -> Int {
    if let known = stringOffsets[name] { return known }
    let offset = strings.count
    strings += Array(name.utf8) + [0]
    stringOffsets[name] = offset
    return offset
  }

  private mutating func align() {
    while structure.count % 4 != 0 { structure.append(0) }
  }
}

private struct Reader {
  let bytes: [UInt8]
  var position: Int
  let end: Int
  let strings: Int

  mutating func token() throws(DeviceTreeError) -> UInt32 {
    var token = Token.nop
    while token == Token.nop { token = try word() }
    return token
  }

  /// Reads a node whose opening token has been read.
  mutating func node(depth: Int) throws(DeviceTreeError) -> DeviceTreeNode {
    guard depth < deepestNesting else { throw .nestedTooDeeply(offset: position) }
    var node = DeviceTreeNode(try text(at: position))
    position += node.name.utf8.count + 1
    align()
    while true {
      let start = position
      let token = try token()
      switch token {
      case Token.beginNode: node.children.append(try self.node(depth: depth + 1))
      case Token.property: node.properties.append(try property())
      case Token.endNode: return node
      default: throw .unexpectedToken(token, offset: start)
      }
    }
  }

  private mutating func property() throws(DeviceTreeError) -> DeviceTreeProperty {
    let count = Int(try word())
    let name = try text(at: strings + Int(try word()))
    guard count <= end - position else { throw .truncated(offset: position) }
    let value = Array(bytes[position..<position + count])
    position += count
    align()
    return DeviceTreeProperty(name, bytes: value)
  }

  private mutating func word() throws(DeviceTreeError) -> UInt32 {
    guard position <= end - 4 else { throw .truncated(offset: position) }
    defer { position += 4 }
    return bytes.bigEndian(at: position)
  }

  private func text(at start: Int) throws(DeviceTreeError) -> String {
    guard start < end, let length = bytes[start..<end].firstIndex(of: 0).map({ $0 - start }),
      let text = String(validating: bytes[start..<start + length], as: UTF8.self)
    else { throw .malformedName(offset: start) }
    return text
  }

  private mutating func align() {
    position = (position + 3) & ~3
  }
}
