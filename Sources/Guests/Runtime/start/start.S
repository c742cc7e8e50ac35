// A user program's first instruction: a0, a1 hold its arguments' address and length, sp its stack.
.section .text.program_start, "ax", @progbits
.globl program_start
.type program_start, @function
program_start:
  mv s0, a0
  mv s1, a1
  call library_start
  mv a0, s0
  mv a1, s1
  call program_main
  call sys_exit
1:
  j 1b
.size program_start, . - program_start
