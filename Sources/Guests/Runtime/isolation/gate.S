// The way out of a kernel that can be hidden from user mode, and the gate that is left of it then: one page of code and
// one of data, mapped in every address space. The gate swaps page tables at every trap and at every return.
//
// While a hidden kernel's tasks run in user mode, sscratch points to the gate's data; they hold what trap_entry (trap.S)
// expects in sscratch. The page of code is the image's first, in which there is nothing but the reset code beside.
// Source: RISC-V Privileged Architecture 1.12, sections 4.1 and 4.2.1: a change of satp orders nothing, and need not,
// because the two tables have different address-space identifiers and no global pages.
#include "offsets.h"
#include "registers.h"

#define GATE_FRAME 0
#define GATE_KERNEL_SATP 8
#define GATE_USER_SATP 16
#define GATE_T0 24
#define GATE_X31 32

.section .bss.gate_data, "aw", @nobits
.balign 4096
gate_data:
  .space 4096

.section .text.gate_page, "ax", @progbits
.globl gate_page
.type gate_page, @function
gate_page:
  la a0, gate_data
  ret
.size gate_page, . - gate_page

// Traps go through the gate from now on; a0: the kernel's satp.
.section .text.gate_install, "ax", @progbits
.globl gate_install
.type gate_install, @function
gate_install:
  la t0, gate_data
  sd a0, GATE_KERNEL_SATP(t0)
  la t0, gate_entry
  csrw stvec, t0
  ret
.size gate_install, . - gate_install

.section .text.trap_return, "ax", @progbits
.globl trap_return
.type trap_return, @function
trap_return:
  // sstatus: previous privilege U, interrupts on in user mode.
  li t0, 0x100
  csrc sstatus, t0
  li t0, 0x20
  csrs sstatus, t0
  ld t0, 0(a0)
  csrw sepc, t0
  la t0, kernel
  ld t0, KERNEL_IS_HIDDEN(t0)
  bnez t0, 1f
  csrw sscratch, a0
  mv x31, a0
  each_register ld, x31
  ld x31, 248(x31)
  sret

1: // The last two registers, and the task's table, are where the gate finds them when all else is gone.
  la t1, gate_data
  csrw sscratch, t1
  sd a0, GATE_FRAME(t1)
  ld t0, FRAME_X(5)(a0)
  sd t0, GATE_T0(t1)
  ld t0, FRAME_X(31)(a0)
  sd t0, GATE_X31(t1)
  ld t0, TASK_SLOT(a0)
  slli t0, t0, RECORD_SIZE_LOG2
  li t2, TASK_RECORDS
  add t0, t0, t2
  ld t0, RECORD_SATP(t0)
  sd t0, GATE_USER_SATP(t1)
  mv x31, a0
  each_register ld, x31
  csrr x31, sscratch
  j gate_exit
.size trap_return, . - trap_return

.section .text.reset, "ax", @progbits
.balign 4
.globl gate_entry
.type gate_entry, @function
gate_entry:
  csrrw x31, sscratch, x31
  beqz x31, 1f
  sd t0, GATE_T0(x31)
  csrr t0, sscratch
  sd t0, GATE_X31(x31)
  ld t0, GATE_KERNEL_SATP(x31)
  csrw satp, t0
  ld t0, GATE_FRAME(x31)
  csrw sscratch, t0
  ld t0, GATE_T0(x31)
  ld x31, GATE_X31(x31)
  j trap_entry

1: // From the kernel, which is mapped.
  csrrw x31, sscratch, x31
  j trap_entry
.size gate_entry, . - gate_entry

.globl gate_exit
.type gate_exit, @function
gate_exit:
  ld t0, GATE_USER_SATP(x31)
  csrw satp, t0
  ld t0, GATE_T0(x31)
  ld x31, GATE_X31(x31)
  sret
.size gate_exit, . - gate_exit
