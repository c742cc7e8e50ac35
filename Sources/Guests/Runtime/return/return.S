// The way out of a kernel that is mapped in every address space.
// Source: RISC-V Privileged Architecture 1.12, section 4.1.
#include "registers.h"

.section .text.trap_return, "ax", @progbits
.globl trap_return
.type trap_return, @function
trap_return:
  // sstatus: previous privilege U, interrupts on in user mode.
  li t0, 0x100
  csrc sstatus, t0
  li t0, 0x20
  csrs sstatus, t0
  csrw sscratch, a0
  ld t0, 0(a0)
  csrw sepc, t0
  mv x31, a0
  each_register ld, x31
  ld x31, 248(x31)
  sret
.size trap_return, . - trap_return
