// Virtual addresses as they are typed: a program's symbol means something only in that program's address space.

import Lab

/// A virtual address, with the task whose symbol named it.
struct Place: Equatable, Sendable {
  let address: UInt64
  /// Nil for the kernel's symbols, which mean the same everywhere, and for numbers and registers.
  let task: String?
}

extension ArgumentKind where Value == Place {
  /// A number, a register, a symbol, or a sum of these.
  static let located = ArgumentKind(
    parse: { token, session throws(CommandError) in try session.place(of: AddressExpression(parsing: token)) },
    candidates: { prefix, session in session.addressCandidates(prefix) })
}

extension Session {
  /// What an expression names in the current system.
  func place(of expression: AddressExpression) throws(CommandError) -> Place {
    let address = try value(of: expression)
    for signed in expression.terms {
      guard case .symbol(let name) = signed.term else { continue }
      return Place(address: address, task: try? system().locate(name).task)
    }
    return Place(address: address, task: nil)
  }
}
