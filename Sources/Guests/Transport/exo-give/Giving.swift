// What an application can do without: pages of its memory and of its block caches that hold nothing but zeros. They come
// back when they are touched.
//
// A choice of the application's: another one is linked with exo-keep in its place.

import ExoLibrary
import Interfaces

@c @implementation
func exo_give_pages(_ wanted: UInt64) -> UInt64 {
  var given: UInt64 = 0
  for index in 0..<UInt64(EXO_DEVICE_MEMORY_COUNT) where exo_device_memory_at(index).pointee.is_cache != 0 {
    let range = exo_device_memory_at(index).pointee
    for page in 0..<range.pages where given < wanted {
      let virtual = range.address &+ page &* Layout.pageSize
      let place = exo_device_page_at((virtual &- Layout.userDMA) / Layout.pageSize)
      guard place.pointee != 0, isZero(virtual) else { continue }
      // Noted first: from now on its physical address is nobody's to tell a device.
      place.pointee = 0
      given &+= give(virtual)
    }
  }
  var next = exo_page_status(0, Layout.anonymousBase)
  while given < wanted && next.result > 0 && next.second < Layout.anonymousEnd {
    if isZero(next.second) { given &+= give(next.second) }
    next = exo_page_status(0, next.second &+ Layout.pageSize)
  }
  return given
}

private func give(_ virtual: UInt64) -> UInt64 { exo_page_unmap(0, virtual, 1) == 0 ? 1 : 0 }

private func isZero(_ virtual: UInt64) -> Bool {
  var place = virtual
  while place < virtual &+ Layout.pageSize {
    if word(place).pointee != 0 { return false }
    place &+= 8
  }
  return true
}
