// A device tree as a value: nodes with properties and children. `flattened` and `init(flattened:)` turn it into the form that
// kernels read and back. Property values are bytes; integers in them are big endian.

/// A property of a device-tree node.
public struct DeviceTreeProperty: Hashable, Sendable {
  /// The property's name.
  public let name: String
  /// The property's value as it stands in memory.
  public let value: [UInt8]

  /// Makes a property from raw bytes.
  public init(_ name: String, bytes: [UInt8] = []) {
    self.name = name
    self.value = bytes
  }

  /// Makes a property that holds one string or a list of strings.
  public init(_ name: String, strings: String...) {
    self.init(name, bytes: strings.flatMap { Array($0.utf8) + [0] })
  }

  /// Makes a property that holds 32-bit cells.
  public init(_ name: String, cells: UInt32...) {
    self.init(name, bytes: cells.flatMap(\.bigEndianBytes))
  }

  /// Makes a `reg` property of one range, with two cells each for address and size.
  public init(registers: Range<UInt64>) {
    let size = registers.upperBound - registers.lowerBound
    self.init("reg", bytes: registers.lowerBound.bigEndianBytes + size.bigEndianBytes)
  }

  /// The value as 32-bit cells, or nil if its length is no multiple of 4.
  public var cells: [UInt32]? {
    guard value.count % 4 == 0 else { return nil }
    return stride(from: 0, to: value.count, by: 4).map { value.bigEndian(at: $0) }
  }

  /// The value as a list of strings, or nil if it does not end in a zero byte or is not UTF-8.
  public var strings: [String]? {
    guard value.last == 0 else { return nil }
    let parts = value.dropLast().split(separator: 0, omittingEmptySubsequences: false)
    let strings = parts.compactMap { String(validating: $0, as: UTF8.self) }
    return strings.count == parts.count ? strings : nil
  }
}

/// A node of a device tree.
public struct DeviceTreeNode: Hashable, Sendable {
  /// The node's name with its unit address; empty for the root.
  public let name: String
  /// The node's properties, in order.
  public internal(set) var properties: [DeviceTreeProperty]
  /// The nodes below, in order.
  public internal(set) var children: [DeviceTreeNode]

  /// Makes a node.
  public init(_ name: String, _ properties: [DeviceTreeProperty] = [], children: [DeviceTreeNode] = []) {
    self.name = name
    self.properties = properties
    self.children = children
  }

  /// The property of the given name, or nil.
  public subscript(property name: String) -> DeviceTreeProperty? {
    properties.first { $0.name == name }
  }

  /// The node at a path of names below this one, such as `["soc", "serial@10000000"]`, or nil.
  public func node(_ path: [String]) -> DeviceTreeNode? {
    guard let first = path.first else { return self }
    return children.first { $0.name == first }?.node(Array(path.dropFirst()))
  }
}

extension FixedWidthInteger {
  var bigEndianBytes: [UInt8] {
    (0..<Self.bitWidth / 8).reversed().map { UInt8(truncatingIfNeeded: self >> Self(8 * $0)) }
  }
}

extension [UInt8] {
  /// The big-endian word at an offset, which must be within the array.
  func bigEndian(at offset: Int) -> UInt32 {
    self[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
  }
}
