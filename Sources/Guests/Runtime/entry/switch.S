// From one task's place in the kernel to another's.

.macro callee_saved op, base
  \op ra, 0(\base)
  \op sp, 8(\base)
  \op s0, 16(\base)
  \op s1, 24(\base)
  \op s2, 32(\base)
  \op s3, 40(\base)
  \op s4, 48(\base)
  \op s5, 56(\base)
  \op s6, 64(\base)
  \op s7, 72(\base)
  \op s8, 80(\base)
  \op s9, 88(\base)
  \op s10, 96(\base)
  \op s11, 104(\base)
.endm

.section .text.context_switch, "ax", @progbits
.globl context_switch
.type context_switch, @function
context_switch:
  callee_saved sd, a0
  callee_saved ld, a1
  ret
.size context_switch, . - context_switch

.section .text.context_switch_to_user, "ax", @progbits
.globl context_switch_to_user
.type context_switch_to_user, @function
context_switch_to_user:
  callee_saved sd, a0
  mv a0, a1
  tail trap_return
.size context_switch_to_user, . - context_switch_to_user

.section .text.context_load, "ax", @progbits
.globl context_load
.type context_load, @function
context_load:
  callee_saved ld, a0
  ret
.size context_load, . - context_load

// Interrupts are off in the kernel, but wfi wakes for a pending one; then it is let in.
.section .text.kernel_idle, "ax", @progbits
.globl kernel_idle
.type kernel_idle, @function
kernel_idle:
  wfi
  csrsi sstatus, 2
  nop
  csrci sstatus, 2
  ret
.size kernel_idle, . - kernel_idle
