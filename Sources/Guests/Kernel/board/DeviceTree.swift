// What the board consists of, from the flattened device tree that the firmware or emulator passes.
//
// The tree is read before page tables are on. Source: Devicetree Specification 0.4, chapter 5.

import Interfaces
import KernelShared

/// A forward reader over the structure block; every step is checked against the blob's size.
private struct TreeReader {
  let base: UInt64
  let size: UInt64
  let strings: UInt64
  var position: UInt64

  /// Nil where no tree lies.
  init?(_ base: UInt64) {
    guard base != 0, base % 8 == 0 else { return nil }
    let header = TreeReader(base: base, size: 0x28, strings: 0, position: 0)
    let total = header.number(at: 4)
    let structure = header.number(at: 8)
    let text = header.number(at: 12)
    guard header.number(at: 0) == 0xD00D_FEED, structure < total, text < total else { return nil }
    self.init(base: base, size: total, strings: text, position: structure)
  }

  private init(base: UInt64, size: UInt64, strings: UInt64, position: UInt64) {
    self.base = base
    self.size = size
    self.strings = strings
    self.position = position
  }

  /// A big-endian word of 32 bits; 0 beyond the blob.
  func number(at offset: UInt64) -> UInt64 {
    guard offset &+ 4 <= size else { return 0 }
    return UInt64(UInt32(bigEndian: memory(base &+ offset).load(as: UInt32.self)))
  }

  func byte(at offset: UInt64) -> UInt8 { offset < size ? memory(base &+ offset).load(as: UInt8.self) : 0 }

  /// Whether the zero-terminated text at `offset` begins with `text`.
  func starts(at offset: UInt64, with text: StaticString) -> Bool {
    for index in 0..<text.utf8CodeUnitCount where byte(at: offset &+ UInt64(index)) != text.utf8Start[index] {
      return false
    }
    return true
  }
}

/// Tokens of the structure block.
private enum Token {
  static var beginNode: UInt64 { 1 }
  static var endNode: UInt64 { 2 }
  static var property: UInt64 { 3 }
  static var nothing: UInt64 { 4 }
}

/// What is known of the node being read.
private struct Node {
  var address: UInt64 = 0
  var size: UInt64 = 0
  var interrupt: UInt64 = 0
  var kind: Kind = .other

  enum Kind { case other, memory, console, interruptController, virtio, finisher, simpleDisk }
}

/// Reads the tree into `kernel`; virtio slots go to `visit` with their address and interrupt.
///
/// The addresses on this board have two cells, addresses and sizes alike.
func readDeviceTree(_ address: UInt64, visit: (UInt64, UInt64) -> Void) -> Bool {
  guard var reader = TreeReader(address) else { return false }
  var node = Node()
  while reader.position < reader.size {
    let token = reader.number(at: reader.position)
    reader.position &+= 4
    switch token {
    case Token.beginNode:
      node = Node()
      if reader.starts(at: reader.position, with: "memory@") { node.kind = .memory }
      while reader.byte(at: reader.position) != 0 { reader.position &+= 1 }
      reader.position = (reader.position &+ 4) & ~3
    case Token.property:
      readProperty(&reader, &node)
    case Token.endNode:
      record(node, visit)
      node = Node()
    case Token.nothing:
      break
    default:
      return kernel.memory_end != 0
    }
  }
  return kernel.memory_end != 0
}

private func readProperty(_ reader: inout TreeReader, _ node: inout Node) {
  let length = reader.number(at: reader.position)
  let name = reader.strings &+ reader.number(at: reader.position &+ 4)
  let value = reader.position &+ 8
  reader.position = (value &+ length &+ 3) & ~3
  if reader.starts(at: name, with: "reg\0") && length >= 16 {
    node.address = reader.number(at: value) << 32 | reader.number(at: value &+ 4)
    node.size = reader.number(at: value &+ 8) << 32 | reader.number(at: value &+ 12)
  } else if reader.starts(at: name, with: "interrupts\0") {
    node.interrupt = reader.number(at: value)
  } else if reader.starts(at: name, with: "compatible\0") {
    if reader.starts(at: value, with: "ns16550") { node.kind = .console }
    if reader.starts(at: value, with: "sifive,plic") || reader.starts(at: value, with: "riscv,plic") {
      node.kind = .interruptController
    }
    if reader.starts(at: value, with: "virtio,mmio") { node.kind = .virtio }
    if reader.starts(at: value, with: "sifive,test") { node.kind = .finisher }
    if reader.starts(at: value, with: "kernelarium,sdisk") { node.kind = .simpleDisk }
  }
}

private func record(_ node: Node, _ visit: (UInt64, UInt64) -> Void) {
  switch node.kind {
  case .other: break
  case .memory: kernel.memory_end = node.address &+ node.size
  case .console:
    kernel.console = node.address
    addDevice(UInt64(ENV_DEVICE_CONSOLE), node.address, node.interrupt)
  case .interruptController: kernel.interrupt_controller = node.address
  case .virtio: visit(node.address, node.interrupt)
  case .finisher: kernel.finisher = node.address
  case .simpleDisk: addDevice(UInt64(ENV_DEVICE_SIMPLE_DISK), node.address, node.interrupt)
  }
}
