// What Swift cannot spell: where the kernel enters a program that did not ask for it, the one copy that may meet a page
// that is not there, and a call that returns in two environments.

// An upcall: a0 holds the save area's address, sp the upcall stack. The handler's result tells the kernel whether to
// go on where it interrupted.
.section .text.upcall_entry, "ax", @progbits
.type upcall_entry, @function
upcall_entry:
  call exo_upcall
  li a7, 533
  ecall
.size upcall_entry, . - upcall_entry

.section .text.exo_upcall_entry, "ax", @progbits
.globl exo_upcall_entry
.type exo_upcall_entry, @function
exo_upcall_entry:
  la a0, upcall_entry
  ret
.size exo_upcall_entry, . - exo_upcall_entry

// A leaf that keeps nothing on the stack: after a fault it can be left at once.
.section .text.exo_copy, "ax", @progbits
.globl exo_copy
.type exo_copy, @function
exo_copy:
  or t0, a0, a1
  andi t0, t0, 7
  bnez t0, 2f
  li t1, 8
1:
  bltu a2, t1, 2f
  ld t0, 0(a1)
  sd t0, 0(a0)
  addi a0, a0, 8
  addi a1, a1, 8
  addi a2, a2, -8
  j 1b
2:
  beqz a2, 3f
  lbu t0, 0(a1)
  sb t0, 0(a0)
  addi a0, a0, 1
  addi a1, a1, 1
  addi a2, a2, -1
  j 2b
3:
  li a0, 0
  ret
copy_failed:
  li a0, -14
  ret
.size exo_copy, . - exo_copy

.section .text.exo_copy_covers, "ax", @progbits
.globl exo_copy_covers
.type exo_copy_covers, @function
exo_copy_covers:
  la t0, exo_copy
  la t1, copy_failed
  sltu t0, a0, t0
  sltu t1, a0, t1
  xori t0, t0, 1
  and a0, t0, t1
  ret
.size exo_copy_covers, . - exo_copy_covers

.section .text.exo_copy_failed, "ax", @progbits
.globl exo_copy_failed
.type exo_copy_failed, @function
exo_copy_failed:
  la a0, copy_failed
  ret
.size exo_copy_failed, . - exo_copy_failed

// Interfaces/tasks.h: a copy of this environment. Both return from this call, on stacks that are alike.
.section .text.task_fork, "ax", @progbits
.globl task_fork
.type task_fork, @function
task_fork:
  addi sp, sp, -112
  sd ra, 0(sp)
  sd s0, 8(sp)
  sd s1, 16(sp)
  sd s2, 24(sp)
  sd s3, 32(sp)
  sd s4, 40(sp)
  sd s5, 48(sp)
  sd s6, 56(sp)
  sd s7, 64(sp)
  sd s8, 72(sp)
  sd s9, 80(sp)
  sd s10, 88(sp)
  sd s11, 96(sp)
  mv a0, sp
  call exo_fork
1:
  ld ra, 0(sp)
  ld s0, 8(sp)
  ld s1, 16(sp)
  ld s2, 24(sp)
  ld s3, 32(sp)
  ld s4, 40(sp)
  ld s5, 48(sp)
  ld s6, 56(sp)
  ld s7, 64(sp)
  ld s8, 72(sp)
  ld s9, 80(sp)
  ld s10, 88(sp)
  ld s11, 96(sp)
  addi sp, sp, 112
  ret
fork_entry:
  call exo_forked
  li a0, 0
  j 1b
.size task_fork, . - task_fork

.section .text.exo_fork_entry, "ax", @progbits
.globl exo_fork_entry
.type exo_fork_entry, @function
exo_fork_entry:
  la a0, fork_entry
  ret
.size exo_fork_entry, . - exo_fork_entry

// Puts staged pages in the place of the program's own, then begins with them. It runs from a copy on a page that is not
// the program's, without a stack. s0: the plan; its offsets are in exo_library.h.
.section .text.exo_replacement, "ax", @progbits
replacement:
  mv s0, a0
  // The program, its anonymous memory, its stack but for the top page.
  li a0, 0
  li a1, 0x10000
  li a2, 0xfff0
  li a7, 526
  ecall
  li a0, 0
  li a1, 0x10000000
  li a2, 0x10000
  ecall
  li a0, 0
  li a1, 0x2fff8000
  li a2, 7
  ecall
  ld s1, 48(s0)
  addi s2, s0, 56
1:
  beqz s1, 3f
  ld s3, 0(s2)
  ld s4, 8(s2)
  ld s5, 16(s2)
2:
  li a0, 0
  mv a1, s3
  li a2, 0
  mv a3, s4
  ld a4, 24(s2)
  li a7, 525
  ecall
  bnez a0, 6f
  li a0, 0
  mv a1, s4
  li a2, 1
  li a7, 526
  ecall
  li t0, 4096
  add s3, s3, t0
  add s4, s4, t0
  addi s5, s5, -1
  bnez s5, 2b
  addi s2, s2, 32
  addi s1, s1, -1
  j 1b
3:
  ld t0, 32(s0)
  ld t1, 40(s0)
  addi t2, s0, 184
4:
  beqz t1, 5f
  lbu t3, 0(t2)
  sb t3, 0(t0)
  addi t0, t0, 1
  addi t1, t1, -1
  addi t2, t2, 1
  j 4b
5:
  fence.i
  ld a0, 16(s0)
  ld a1, 24(s0)
  ld sp, 8(s0)
  ld t0, 0(s0)
  jr t0
6:
  mv a1, a0
  li a0, 0
  li a7, 515
  ecall
  j 6b
replacement_end:

.section .text.exo_replacement_entry, "ax", @progbits
.globl exo_replacement
.type exo_replacement, @function
exo_replacement:
  la a0, replacement
  ret
.size exo_replacement, . - exo_replacement

.section .text.exo_replacement_size, "ax", @progbits
.globl exo_replacement_size
.type exo_replacement_size, @function
exo_replacement_size:
  la a0, replacement
  la a1, replacement_end
  sub a0, a1, a0
  ret
.size exo_replacement_size, . - exo_replacement_size
