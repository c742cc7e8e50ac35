// The page through which the host asks the agent to make a call.
//
// The host writes it only while the agent is parked at `Observation.park`.

/// The layout of the agent's mailbox, the page at symbol `agent_mailbox`.
public enum Mailbox {
  /// Byte offset of the call's number plus one; 0 means that no host is there.
  @inlinable public static var call: Int { 0 }
  /// Byte offset of the six argument words.
  @inlinable public static var arguments: Int { 8 }
  /// Byte offset of the result word.
  @inlinable public static var result: Int { 56 }
  /// Byte offset of the area for strings and buffers, which pointer arguments name.
  @inlinable public static var data: Int { 512 }
  /// Bytes of that area.
  @inlinable public static var dataSize: Int { 4096 - 512 }
}
