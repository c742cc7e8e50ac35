// What the host may switch while the system runs (kernel_options): followed from the next call on.

import KernelShared

/// Whether an option was changed that something has to be done for.
@inline(__always) var optionsChanged: Bool { kernel_options.isolate_page_table != kernel.is_hidden }

/// Hides the kernel from user mode, or shows it again.
///
/// Without memory for the gate's tables all stays as it is until the next call.
@inline(never) func followOptions() {
  let hides = kernel_options.isolate_page_table
  guard space_hide_kernel(hides) == 0 else { return }
  if hides != 0 { gate_install(space_kernel()) } else { trap_install(trap_entry) }
}
