// The two trespasses that nothing but a wall stops: a store behind the end of a table, and a load from an address that
// belongs to somebody else. Each says what it got away with.

import Interfaces

/// A table, and what stands in memory right behind it.
private struct Ledger {
  var entries = InlineArray<8, UInt64>(repeating: 0)
  var balance: UInt64 = 1000
}

/// Returns at once; the optimiser has to believe that it may have changed what `memory` points to.
@_silgen_name("crash_touch") private func touch(_ memory: UnsafeMutableRawPointer)

/// Never inlined: the optimiser must not see which index it is, or the store would be no accident.
@inline(never)
private func store(_ value: UInt64, at index: Int, in ledger: inout Ledger) { ledger.entries[index] = value }

/// Stores into the ninth of eight entries.
///
/// With the language's checks this is the end of the program. Without them the neighbour is overwritten.
func storeOutOfBounds(_ output: inout TextOutput) {
  var ledger = Ledger()
  store(7, at: ledger.entries.count, in: &ledger)
  touch(&ledger)
  output.write("entry 9 of 8 stored; the balance behind the table is now ")
  output.write(ledger.balance)
  output.write(", and nobody noticed\n")
}

/// Loads the eight bytes at an address written in hexadecimal.
func readForeign(_ text: Bytes, _ output: inout TextOutput) throws(Complaint) {
  guard let address = text.hexadecimal, address % 8 == 0, let place = UnsafePointer<UInt64>(bitPattern: UInt(address))
  else { throw Complaint(text, "not an address such as 0x80200000, a multiple of 8") }
  let value = place.pointee
  output.write("the word there is ")
  output.write(value)
  output.write("\n")
}
