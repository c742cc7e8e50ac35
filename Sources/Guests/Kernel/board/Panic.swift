// The end of the system: say why on the serial line, and tell the test finisher.
//
// Takes no memory and trusts nothing but the device addresses.

import Interfaces
import KernelShared

/// The finisher's FAIL command with exit code 2.
private var finisherFail: UInt32 { 2 << 16 | 0x3333 }

@c @implementation
func kernel_panic(_ reason: UnsafePointer<UInt8>?) -> Never {
  write("\nkernel panic: ")
  if let reason {
    var place = reason
    while place.pointee != 0 {
      write(place.pointee)
      place += 1
    }
  } else {
    write("exception ")
    writeHexadecimal(csr_read_scause())
    write(", pc ")
    writeHexadecimal(csr_read_sepc())
    write(", address ")
    writeHexadecimal(csr_read_stval())
  }
  write("\n")
  if kernel.finisher != 0 { register_write(window &+ kernel.finisher, finisherFail) }
  while true { kernel_stop() }
}

/// What to add to a device's physical address: before page tables are on, nothing.
private var window: UInt64 { csr_read_satp() == 0 ? 0 : Layout.deviceWindow }

private func write(_ byte: UInt8) {
  guard kernel.console != 0 else { return }
  register_write_byte(window &+ kernel.console, byte)
}

private func write(_ text: StaticString) {
  for index in 0..<text.utf8CodeUnitCount { write(text.utf8Start[index]) }
}

private func writeHexadecimal(_ value: UInt64) {
  write("0x")
  var shift: UInt64 = 64
  while shift > 0 {
    shift &-= 4
    let digit = UInt8(truncatingIfNeeded: value >> shift & 15)
    write(digit < 10 ? 48 &+ digit : 87 &+ digit)
  }
}
