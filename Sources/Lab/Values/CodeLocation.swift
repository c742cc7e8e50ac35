// A place in a guest's code or data, with the names that its ELF file gives it.
//
// Names are for people: compare addresses, not names.

/// An address with the image, symbol and source line that it belongs to.
public struct CodeLocation: Codable, Equatable, Sendable {
  /// The virtual address.
  public var address: UInt64
  /// The image: `kernel` or a program's name; nil when no image covers the address.
  public var image: String?
  /// The symbol at or before the address.
  public var symbol: String?
  /// Bytes from the symbol to the address.
  public var offset: UInt64?
  /// The component whose section holds the address, such as `blk`.
  public var component: String?
  /// The source file's name, without its folder.
  public var file: String?
  /// The source line, from 1.
  public var line: Int?

  /// Makes a location.
  public init(
    address: UInt64, image: String? = nil, symbol: String? = nil, offset: UInt64? = nil, component: String? = nil,
    file: String? = nil, line: Int? = nil
  ) {
    self.address = address
    self.image = image
    self.symbol = symbol
    self.offset = offset
    self.component = component
    self.file = file
    self.line = line
  }

  /// The name as a debugger writes it: `blk_submit+0x18`, or the bare address.
  public var name: String {
    guard let symbol else { return "0x" + String(address, radix: 16) }
    guard let offset, offset != 0 else { return symbol }
    return symbol + "+0x" + String(offset, radix: 16)
  }

  /// The source as `file:line`, when it is known.
  public var source: String? {
    guard let file, let line else { return nil }
    return "\(file):\(line)"
  }
}
