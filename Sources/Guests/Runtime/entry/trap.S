// The way into the kernel; the way out is an object of its own, because kernels differ in it. While a task runs in user
// mode sscratch points to its trap_frame; while the kernel runs it is zero, so that a trap from the kernel itself is
// recognised.
// Source: RISC-V Privileged Architecture 1.12, section 4.1.

#include "registers.h"

.section .text.trap_entry, "ax", @progbits
.balign 4
.globl trap_entry
.type trap_entry, @function
trap_entry:
  csrrw x31, sscratch, x31
  beqz x31, 1f
  each_register sd, x31
  csrrw t0, sscratch, zero
  sd t0, 248(x31)
  csrr t1, sepc
  sd t1, 0(x31)
  mv a0, x31
  ld sp, 256(x31)
  call trap_from_user
  // Not reached: trap_from_user leaves through trap_return.
  unimp

1: // From the kernel: only an interrupt while idle is legitimate; the handler panics on all else.
  csrrw x31, sscratch, x31
  addi sp, sp, -256
  each_register sd, sp
  sd x31, 248(sp)
  csrr t0, sepc
  sd t0, 0(sp)
  mv a0, sp
  call trap_from_kernel
  ld t0, 0(sp)
  csrw sepc, t0
  ld x1, 8(sp)
  ld x3, 24(sp)
  ld x4, 32(sp)
  ld x5, 40(sp)
  ld x6, 48(sp)
  ld x7, 56(sp)
  ld x8, 64(sp)
  ld x9, 72(sp)
  ld x10, 80(sp)
  ld x11, 88(sp)
  ld x12, 96(sp)
  ld x13, 104(sp)
  ld x14, 112(sp)
  ld x15, 120(sp)
  ld x16, 128(sp)
  ld x17, 136(sp)
  ld x18, 144(sp)
  ld x19, 152(sp)
  ld x20, 160(sp)
  ld x21, 168(sp)
  ld x22, 176(sp)
  ld x23, 184(sp)
  ld x24, 192(sp)
  ld x25, 200(sp)
  ld x26, 208(sp)
  ld x27, 216(sp)
  ld x28, 224(sp)
  ld x29, 232(sp)
  ld x30, 240(sp)
  ld x31, 248(sp)
  addi sp, sp, 256
  sret
.size trap_entry, . - trap_entry
