// How large structures avoid being copied: a member that makes Swift pass whatever contains it by address. Only for
// structures that cannot be copied anyway and whose methods are called in the run loop.

import Synchronization

/// Has whatever contains it passed by address.
///
/// Without one, a call of a method that does not mutate the machine copies all of it, 1.5 KiB, to the stack.
struct PassedByAddress: ~Copyable {
  private let word = Atomic<UInt8>(0)
}
