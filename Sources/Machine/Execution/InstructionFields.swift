// The fields of a 32-bit instruction (unprivileged specification 20191213, section 2.3), for the decoder and the reference
// path. Nothing here knows what an instruction means.

extension UInt32 {
  var majorOpcode: UInt32 { self & 0x7f }
  var rd: Int { Int(self >> 7 & 31) }
  var rs1: Int { Int(self >> 15 & 31) }
  var rs2: Int { Int(self >> 20 & 31) }
  var funct3: UInt32 { self >> 12 & 7 }
  var funct7: UInt32 { self >> 25 }
  var csrNumber: UInt32 { self >> 20 }

  private var signed: Int32 { Int32(bitPattern: self) }

  var immediateI: Int64 { Int64(signed >> 20) }
  var immediateS: Int64 { Int64((signed >> 25) << 5 | Int32(rd)) }
  var immediateU: Int64 { Int64(Int32(bitPattern: self & 0xffff_f000)) }

  var immediateB: Int64 {
    let low = (self >> 7 & 0x1e) | (self >> 20 & 0x7e0) | (self << 4 & 0x800)
    return Int64((signed >> 31) << 12) | Int64(low)
  }

  var immediateJ: Int64 {
    let low = (self >> 20 & 0x7fe) | (self >> 9 & 0x800) | (self & 0xf_f000)
    return Int64((signed >> 31) << 20) | Int64(low)
  }
}

/// Sign-extends the low 32 bits.
@inline(__always)
func signExtendedWord(_ value: UInt64) -> UInt64 {
  UInt64(bitPattern: Int64(Int32(truncatingIfNeeded: value)))
}
