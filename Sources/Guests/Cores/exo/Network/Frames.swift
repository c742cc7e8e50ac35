// What the kernel reads of frames, in both directions, and nothing more: enough to say whose they are.
//
// Sources: IEEE 802.3; RFC 826 (ARP), 791 (IP), 792 (ICMP), 768 (UDP), 9293 (TCP).

import ExoState
import Interfaces
import KernelShared

/// Bytes of a frame, in the kernel's own memory; numbers are big-endian.
struct Frame {
  let start: UInt64
  let length: UInt64

  static var header: UInt64 { 14 }
  private static var internetHeader: UInt64 { 20 }
  private static var resolution: UInt64 { 28 }
  private static var broadcast: UInt64 { 0xFFFF_FFFF_FFFF }

  /// The number in `count` bytes at an offset that the caller has compared with the length.
  private func number(_ offset: UInt64, _ count: UInt64) -> UInt64 {
    var value: UInt64 = 0
    for index in 0..<count { value = value << 8 | UInt64(byte_at(start &+ offset &+ index).pointee) }
    return value
  }

  private var kind: UInt64 { number(12, 2) }
  /// The Internet packet's protocol and where its payload begins; nil for what is malformed, or no packet at all, or a
  /// fragment: only the first part of a packet says whose it is.
  private var payload: (transport: UInt64, offset: UInt64)? {
    let packet = Self.header
    guard kind == 0x0800, length >= packet &+ Self.internetHeader, number(packet, 1) >> 4 == 4,
      number(packet &+ 6, 2) & 0x3FFF == 0
    else { return nil }
    let header = (number(packet, 1) & 15) &* 4
    // What is read of the payload are its first eight bytes.
    guard header >= Self.internetHeader, packet &+ header &+ 8 <= length else { return nil }
    return (number(packet &+ 9, 1), packet &+ header)
  }
  private var source: UInt64 { number(Self.header &+ 12, 4) }
  private var destination: UInt64 { number(Self.header &+ 16, 4) }

  private static var echoReply: UInt64 { 0 }
  private static var echoRequest: UInt64 { 8 }

  /// The filter that a received frame passes; nil: it is nobody's.
  var filter: (kind: UInt64, value: UInt64)? {
    guard number(0, 6) == exo.adapter_address || number(0, 6) == Self.broadcast else { return nil }
    if kind == UInt64(ENV_CLAIM_ADDRESS) { return internetAddress.map { (UInt64(ENV_CLAIM_ADDRESS), $0) } }
    guard let (transport, offset) = payload else { return nil }
    // Before there is an address, answers to the question for one come to any.
    guard transport == UInt64(ENV_CLAIM_DATAGRAM) || destination == internetAddress else { return nil }
    switch Int(transport) {
    case ENV_CLAIM_PORT, ENV_CLAIM_DATAGRAM: return (transport, number(offset &+ 2, 2))
    case ENV_CLAIM_ECHO:
      return (transport, number(offset, 1) == Self.echoReply ? number(offset &+ 4, 2) : 0)
    default: return nil
    }
  }

  /// Whether an environment may send the frame: it is from the adapter, from the address that was bound, and from a port
  /// or identifier of the environment's own.
  func mayBeSent(by owner: UInt64) -> Bool {
    guard number(6, 6) == exo.adapter_address else { return false }
    if kind == UInt64(ENV_CLAIM_ADDRESS) {
      guard length >= Self.header &+ Self.resolution, number(Self.header &+ 8, 6) == exo.adapter_address else {
        return false
      }
      return hasFilter(owner, kind, number(Self.header &+ 14, 4))
    }
    guard let (transport, offset) = payload else { return false }
    // Whoever has no address yet asks for one.
    let mayBeNobody = transport == UInt64(ENV_CLAIM_DATAGRAM) && source == 0
    guard mayBeNobody || hasFilter(owner, UInt64(ENV_CLAIM_ADDRESS), source) else { return false }
    switch Int(transport) {
    case ENV_CLAIM_PORT, ENV_CLAIM_DATAGRAM: return hasFilter(owner, transport, number(offset, 2))
    case ENV_CLAIM_ECHO:
      switch number(offset, 1) {
      case Self.echoRequest: return number(offset &+ 4, 2) != 0 && hasFilter(owner, transport, number(offset &+ 4, 2))
      case Self.echoReply: return hasFilter(owner, transport, 0)
      default: return false
      }
    default: return false
    }
  }
}
