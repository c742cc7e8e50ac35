// Endpoints: where callers queue for a service, whoever runs it at the moment. A service that is started
// again receives from the same endpoint, so those who queue there notice nothing.

import KernelShared

/// Appends a sender to an endpoint's queue.
func enqueue(_ sender: UnsafeMutablePointer<task>, _ endpoint: UnsafeMutablePointer<endpoint>) {
  sender.pointee.next_sender = nil
  guard var last = endpoint.pointee.first_sender else {
    endpoint.pointee.first_sender = sender
    return
  }
  while let next = last.pointee.next_sender { last = next }
  last.pointee.next_sender = sender
}

/// Takes the first sender out of an endpoint's queue.
func dequeue(_ endpoint: UnsafeMutablePointer<endpoint>) -> UnsafeMutablePointer<task>? {
  guard let first = endpoint.pointee.first_sender else { return nil }
  endpoint.pointee.first_sender = first.pointee.next_sender
  first.pointee.next_sender = nil
  return first
}

/// Takes a task out of an endpoint's queue, if it is in it.
func remove(_ sender: UnsafeMutablePointer<task>, from endpoint: UnsafeMutablePointer<endpoint>) {
  if endpoint.pointee.first_sender == sender {
    endpoint.pointee.first_sender = sender.pointee.next_sender
    sender.pointee.next_sender = nil
    return
  }
  var place = endpoint.pointee.first_sender
  while let current = place {
    if current.pointee.next_sender == sender {
      current.pointee.next_sender = sender.pointee.next_sender
      sender.pointee.next_sender = nil
      return
    }
    place = current.pointee.next_sender
  }
}
