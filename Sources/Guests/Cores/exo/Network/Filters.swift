// Packet filters: the secure bindings of the one adapter that all environments share. All have its two addresses; ports
// and echo identifiers tell them apart.
//
// A filter binds both ways: what arrives goes to its owner, and nobody else may send from it.

import ExoState
import Interfaces
import KernelShared

private var address: UInt64 { UInt64(ENV_CLAIM_ADDRESS) }
private var datagram: UInt64 { UInt64(ENV_CLAIM_DATAGRAM) }

/// Whether an environment has that filter.
func hasFilter(_ number: UInt64, _ kind: UInt64, _ value: UInt64) -> Bool {
  row(kind) { $0.owner == number && $0.value == value } != nil
}

/// The Internet address that the adapter's users have agreed on.
var internetAddress: UInt64? { row(address) { $0.owner != 0 }.map { filter_at($0).pointee.value } }

/// The first filter of a kind for which `body` holds.
private func row(_ kind: UInt64, _ body: (exo_filter) -> Bool) -> UInt64? {
  for index in 0..<UInt64(EXO_FILTER_COUNT)
  where filter_at(index).pointee.kind == kind && body(filter_at(index).pointee) { return index }
  return nil
}

/// Calls `body` with the owner of each filter that a frame of that kind and value passes.
func forEachOwner(_ kind: UInt64, _ value: UInt64, _ body: (UInt64) -> Void) {
  for index in 0..<UInt64(EXO_FILTER_COUNT) {
    let filter = filter_at(index).pointee
    if filter.kind == kind && filter.value == value && filter.owner != 0 { body(filter.owner) }
  }
}

/// Binds what an environment names: an address if it is that of all others, a datagram's port in any case, everything
/// else if nobody has it.
func bindFilter(_ caller: UnsafeMutablePointer<task>, _ kind: UInt64, _ value: UInt64) throws(ErrorCode) -> Int64 {
  guard holds(caller, ExoRight.window, UInt64(ENV_DEVICE_NETWORK)) else { throw .notPermitted }
  let isPort = kind == UInt64(ENV_CLAIM_PORT) || kind == UInt64(ENV_CLAIM_ECHO) || kind == datagram
  guard isPort ? value <= UInt64(UInt16.max) : kind == address && value <= UInt64(UInt32.max) else { throw .invalid }
  let number = task_number(caller)
  if hasFilter(number, kind, value) { return 0 }
  if kind == address {
    guard value == internetAddress ?? value else { throw .addressInUse }
  } else if kind != datagram, let other = row(kind, { $0.value == value }) {
    // A port that was left alone long enough for what was still under way to it can be bound by its number again.
    guard filter_at(other).pointee.owner == 0, value < firstTemporaryPort else { throw .addressInUse }
    filter_at(other).pointee = exo_filter()
  }
  guard let free = row(0, { _ in true }) ?? oldestLeftAlone else { throw .tryAgain }
  exo.filters_made += 1
  filter_at(free).pointee = exo_filter(kind: kind, value: value, owner: number, since: exo.filters_made)
  return 0
}

/// The first of the ports that are taken because any will do (RFC 6335, section 6).
private var firstTemporaryPort: UInt64 { 49152 }

private var oldestLeftAlone: UInt64? {
  var found: UInt64?
  for index in 0..<UInt64(EXO_FILTER_COUNT) where filter_at(index).pointee.owner == 0 {
    if let found, filter_at(found).pointee.since < filter_at(index).pointee.since { continue }
    found = index
  }
  return found
}

func releaseFilter(_ caller: UnsafeMutablePointer<task>, _ kind: UInt64, _ value: UInt64) throws(ErrorCode) -> Int64 {
  let number = task_number(caller)
  guard let found = row(kind, { $0.owner == number && $0.value == value }) else { throw .notFound }
  release(found)
  return 0
}

/// Releases the filters of an environment that has ended.
func releaseFilters(of number: UInt64) {
  for index in 0..<UInt64(EXO_FILTER_COUNT) where filter_at(index).pointee.owner == number { release(index) }
}

/// The other side of a connection may still speak to its port: a new owner would be taken for the old one.
private func release(_ index: UInt64) {
  if filter_at(index).pointee.kind == UInt64(ENV_CLAIM_PORT) {
    filter_at(index).pointee.owner = 0
  } else {
    filter_at(index).pointee = exo_filter()
  }
}
