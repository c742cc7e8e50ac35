// The exokernel's calls: the number in a7 (GuestABI, ExoCall), the arguments where they are already.

.macro exo_call name, number
.section .text.exo_\name, "ax", @progbits
.globl exo_\name
.type exo_\name, @function
exo_\name:
  li a7, \number
  ecall
  ret
.size exo_\name, . - exo_\name
.endm

exo_call identify, 512
exo_call environment_create, 513
exo_call environment_start, 514
exo_call environment_end, 515
exo_call environment_status, 516
exo_call environment_collect, 517
exo_call environment_grant, 518
exo_call environment_rename, 519
exo_call page_allocate, 524
exo_call page_map, 525
exo_call page_unmap, 526
exo_call page_status, 527
exo_call pages_free, 528
exo_call page_signal, 529
exo_call upcall_register, 532
exo_call slice_yield, 540
exo_call wait, 541
exo_call window_map, 548
exo_call interrupt_finish, 549
exo_call extent_allocate, 556
exo_call extent_release, 557
exo_call filter_bind, 564
exo_call filter_release, 565
