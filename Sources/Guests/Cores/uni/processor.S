// Where a unikernel begins on its own stack, and where it ends by a trap.
// Source: RISC-V Privileged Architecture 1.12, section 4.1.

// The trap's registers say what happened; a trap while that is being told has nobody left to tell.
.section .text.uni_trap, "ax", @progbits
.balign 4
.globl uni_trap
.type uni_trap, @function
uni_trap:
  csrrwi t0, sscratch, 1
  bnez t0, 1f
  li a0, 0
  tail kernel_panic
1:
  tail kernel_stop
.size uni_trap, . - uni_trap

.section .text.uni_enter, "ax", @progbits
.globl uni_enter
.type uni_enter, @function
uni_enter:
  mv sp, a0
  tail uni_main
.size uni_enter, . - uni_enter
