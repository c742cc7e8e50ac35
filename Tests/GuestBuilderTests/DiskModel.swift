// What a file system is meant to do, in the plainest way: a tree of nodes in memory.
//
// It knows the errors and their order too; it knows nothing of blocks, so never says that there is no space.

import GuestABI

/// The model that the component is compared with.
final class DiskModel {
  final class Node {
    var content: [UInt8]?
    var children: [String: Node] = [:]
    weak var parent: Node?

    init(isDirectory: Bool, parent: Node?) {
      content = isDirectory ? nil : []
      self.parent = parent
    }

    var isDirectory: Bool { content == nil }
  }

  let root = Node(isDirectory: true, parent: nil)

  /// Where a path leads: its last directory and name; no name for the root and for dots.
  struct End {
    var parent: Node
    var name: String?
    var endsInSlash: Bool
  }

  func follow(_ path: String) throws(ErrorCode) -> End {
    guard !path.isEmpty else { throw .notFound }
    guard path.utf8.count <= 255 else { throw .nameTooLong }
    guard path.hasPrefix("/") else { throw .invalid }
    let names = path.split(separator: "/").map(String.init)
    var current = root
    for (index, name) in names.enumerated() {
      guard name.utf8.count <= 56 else { throw .nameTooLong }
      guard current.isDirectory else { throw .notDirectory }
      if name == "." { continue }
      if name == ".." {
        current = current.parent ?? root
        continue
      }
      if index == names.count - 1 { return End(parent: current, name: name, endsInSlash: path.hasSuffix("/")) }
      guard let next = current.children[name] else { throw .notFound }
      current = next
    }
    return End(parent: current, name: nil, endsInSlash: true)
  }

  func lookUp(_ end: End) throws(ErrorCode) -> Node? {
    guard end.parent.isDirectory else { throw .notDirectory }
    guard let name = end.name else { return end.parent }
    guard let node = end.parent.children[name] else { return nil }
    guard node.isDirectory || !end.endsInSlash else { throw .notDirectory }
    return node
  }

  func open(_ path: String, _ flags: OpenFlags) throws(ErrorCode) -> Node {
    guard flags.contains(.write) || flags.isDisjoint(with: [.truncate, .append]) else { throw .invalid }
    let end = try follow(path)
    if let node = try lookUp(end) {
      guard !node.isDirectory || flags.isEmpty else { throw .isDirectory }
      if flags.contains(.truncate) { node.content = [] }
      return node
    }
    guard flags.contains(.create), let name = end.name else { throw .notFound }
    guard !end.endsInSlash else { throw .isDirectory }
    let node = Node(isDirectory: false, parent: nil)
    end.parent.children[name] = node
    return node
  }

  func write(_ node: Node, at offset: Int, _ bytes: [UInt8]) {
    guard var content = node.content, !bytes.isEmpty else { return }
    if content.count < offset { content += [UInt8](repeating: 0, count: offset - content.count) }
    content.replaceSubrange(offset..<min(content.count, offset + bytes.count), with: bytes)
    node.content = content
  }

  func mkdir(_ path: String) throws(ErrorCode) {
    let end = try follow(path)
    guard try lookUp(end) == nil, let name = end.name else { throw .exists }
    end.parent.children[name] = Node(isDirectory: true, parent: end.parent)
  }

  func remove(_ path: String) throws(ErrorCode) {
    let end = try follow(path)
    guard let name = end.name else { throw end.parent === root ? .busy : .invalid }
    guard end.parent.isDirectory else { throw .notDirectory }
    guard let node = end.parent.children[name] else { throw .notFound }
    guard node.isDirectory || !end.endsInSlash else { throw .notDirectory }
    guard node.children.isEmpty else { throw .directoryNotEmpty }
    end.parent.children[name] = nil
  }

  func rename(_ from: String, _ to: String) throws(ErrorCode) {
    let old = try follow(from)
    let new = try follow(to)
    guard let oldName = old.name else { throw old.parent === root ? .busy : .invalid }
    guard let newName = new.name else { throw new.parent === root ? .busy : .invalid }
    guard old.parent.isDirectory, new.parent.isDirectory else { throw .notDirectory }
    guard let moved = old.parent.children[oldName] else { throw .notFound }
    guard moved.isDirectory || !(old.endsInSlash || new.endsInSlash) else { throw .notDirectory }
    if moved.isDirectory {
      var above: Node? = new.parent
      while let node = above {
        guard node !== moved else { throw .invalid }
        above = node.parent
      }
    }
    if let replaced = new.parent.children[newName] {
      if replaced === moved { return }
      guard replaced.isDirectory == moved.isDirectory else {
        throw replaced.isDirectory ? .isDirectory : .notDirectory
      }
      guard replaced.children.isEmpty else { throw .directoryNotEmpty }
    }
    old.parent.children[oldName] = nil
    new.parent.children[newName] = moved
    if moved.isDirectory { moved.parent = new.parent }
  }

  /// Every path with its content; nil for directories.
  var paths: [String: [UInt8]?] {
    var result: [String: [UInt8]?] = [:]
    func visit(_ node: Node, _ path: String) {
      for (name, child) in node.children {
        result[path + "/" + name] = .some(child.content)
        visit(child, path + "/" + name)
      }
    }
    visit(root, "")
    return result
  }
}

/// A small generator whose sequence depends on its seed only (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }
}
