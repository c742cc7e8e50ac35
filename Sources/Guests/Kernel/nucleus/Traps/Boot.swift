// From the first S-mode instruction to a core that runs tasks.

import Interfaces
import KernelShared

@c @implementation
func kernel_main(_ deviceTree: UInt64) -> Never {
  trap_install(trap_entry)
  kernel.device_tree = deviceTree
  devices_init()
  frames_init(image_end(), min(kernel.memory_end, deviceTree >= image_end() ? deviceTree.pageFloor : .max))
  spaces_init()
  tasks_init()
  kernel.policy = frame_allocate(1)
  sched_init(policy)
  csr_write_sie(1 << 5 | 1 << 9)
  core_start()
  task_halt()
}
