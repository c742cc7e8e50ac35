// A Linux program's first instruction: the stack pointer is all it gets.
.section .text.program_start, "ax", @progbits
.globl program_start
.type program_start, @function
program_start:
  call linux_main
  li a7, 93
  ecall
.size program_start, . - program_start

// One system call of Linux: the number comes last.
.section .text.linux, "ax", @progbits
.globl linux
.type linux, @function
linux:
  mv a7, a4
  ecall
  ret
.size linux, . - linux
