// The only thread cannot go on: the processor asks again and again. It never leaves the machine to wait.

.section .text.processor_wait, "ax", @progbits
.globl processor_wait
.type processor_wait, @function
processor_wait:
  ret
.size processor_wait, . - processor_wait
