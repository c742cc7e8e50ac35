// Looking symbols up by name and by address. Lookup by address must only be asked for addresses of the image the table came from.

/// A named place in an image.
public struct Symbol: Hashable, Codable, Sendable {
  /// What a symbol names.
  public enum Kind: String, Hashable, Codable, Sendable {
    /// Instructions.
    case function
    /// Data.
    case object
    /// A label without a type, as assembly files and linker scripts make.
    case other
  }

  /// The symbol's name as linked, so for Swift functions the mangled one.
  public let name: String
  /// The virtual address.
  public let address: UInt64
  /// The size in bytes; 0 if it is not known.
  public let size: UInt64
  /// What it names.
  public let kind: Kind
  /// Whether other object files can refer to it.
  public let isGlobal: Bool
}

extension Symbol.Kind {
  init?(elfType: UInt8) {
    switch elfType {
    case 0: self = .other
    case 1: self = .object
    case 2: self = .function
    default: return nil
    }
  }
}

/// The symbols of an image.
public struct SymbolTable: Sendable {
  /// All symbols in ascending order of address.
  public let all: [Symbol]
  private let indexByName: [String: Int]

  init(_ symbols: [Symbol]) {
    all = symbols.enumerated().sorted { ($0.element.address, $0.offset) < ($1.element.address, $1.offset) }.map(
      \.element)
    var indexByName: [String: Int] = [:]
    for (index, symbol) in all.enumerated() {
      // A global symbol hides local ones of the same name; among equals the first address wins.
      if let known = indexByName[symbol.name], all[known].isGlobal || !symbol.isGlobal { continue }
      indexByName[symbol.name] = index
    }
    self.indexByName = indexByName
  }

  /// The symbol of the given name, a global one before local ones, or nil.
  public subscript(name: String) -> Symbol? {
    indexByName[name].map { all[$0] }
  }

  /// The symbol that covers an address, and how far into it the address is.
  ///
  /// Symbols of known size are preferred to labels. A symbol of unknown size covers what lies between it and the next symbol.
  public func covering(_ address: UInt64) -> (symbol: Symbol, offset: UInt64)? {
    var index = firstIndex(above: address)
    var label: Symbol?
    var mayBeLabel = true
    var steps = 0
    // Symbols may nest, so the covering one is not always the nearest; a bound keeps a hostile table from costing more.
    while index > 0, steps < 64 {
      index -= 1
      steps += 1
      let symbol = all[index]
      let offset = address - symbol.address
      if symbol.size > offset, symbol.kind != .other { return (symbol, offset) }
      if mayBeLabel, symbol.size == 0 || symbol.size > offset { label = symbol }
      mayBeLabel = false
    }
    return label.map { ($0, address - $0.address) }
  }

  private func firstIndex(above address: UInt64) -> Int {
    var low = 0
    var high = all.count
    while low < high {
      let middle = (low + high) / 2
      if all[middle].address <= address { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
