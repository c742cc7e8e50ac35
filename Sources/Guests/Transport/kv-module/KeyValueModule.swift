// The key-value service as a module of the kernel.

import Interfaces

@c @implementation
func module_init() -> Int64 {
  let name: StaticString = "kv"
  return modules_register(
    name.utf8Start, UInt64(name.utf8CodeUnitCount), kv_size(), { kv_init(OpaquePointer($0)) }, kv_gate)
}
