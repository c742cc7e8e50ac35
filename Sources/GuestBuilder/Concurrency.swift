// Work on all cores at once, with typed errors.

import Dispatch
import Synchronization

/// Applies `transform` to all items at the same time and returns the results in the items' order.
///
/// All items are worked on even if one fails, so that a person sees every diagnostic of a build at once.
func concurrentMap<Item: Sendable, Output: Sendable>(
  _ items: [Item], _ transform: @Sendable (Item) throws(GuestBuildError) -> Output
) throws(GuestBuildError) -> [Output] {
  let results = Mutex<[Int: Result<Output, GuestBuildError>]>([:])
  DispatchQueue.concurrentPerform(iterations: items.count) { index in
    let result = Result { () throws(GuestBuildError) in try transform(items[index]) }
    results.withLock { $0[index] = result }
  }
  let finished = results.withLock { $0 }
  var outputs: [Output] = []
  var errors: [GuestBuildError] = []
  for index in items.indices {
    switch finished[index] {
    case .success(let output): outputs.append(output)
    case .failure(let error): errors.append(error)
    case nil: preconditionFailure("concurrentPerform runs every iteration")
    }
  }
  guard let first = errors.first else { return outputs }
  throw errors.count == 1 ? first : .several(errors)
}
