// A short fingerprint of a text, the same on every machine and in every run. Callers must not use it where somebody
// might want two texts to collide.

/// The 64-bit FNV-1a hash as text.
enum ContentHash {
  /// The hash of the text's UTF-8 bytes, 16 hexadecimal digits.
  static func of(_ text: String) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
