// The only thread cannot go on: the processor sleeps until something happens.
// Source: RISC-V Privileged Architecture 1.12, section 3.3.3.

// Interrupts are off: a pending one ends the wait and is then asked for by plain calls.
.section .text.processor_wait, "ax", @progbits
.globl processor_wait
.type processor_wait, @function
processor_wait:
  wfi
  ret
.size processor_wait, . - processor_wait
