// One function for each way to fail that the hardware notices. None of them returns but the last.
// Source: RISC-V Privileged Architecture 1.12, table of scause values.

.macro fault name
.section .text.\name, "ax", @progbits
.globl \name
.type \name, @function
.balign 4
\name:
.endm

fault crash_null_read
  ld zero, 0(zero)
  j crash_null_read
.size crash_null_read, . - crash_null_read

// An address between the anonymous memory and the stack, where no program has anything.
fault crash_wild_write
  li t0, 0x25a5a5a8
  sd t0, 0(t0)
  j crash_wild_write
.size crash_wild_write, . - crash_wild_write

fault crash_illegal
  unimp
  j crash_illegal
.size crash_illegal, . - crash_illegal

// The upper half of a four-byte `nop` is 0x0000, which is no instruction.
fault crash_misaligned_jump
  la t0, 1f + 2
  jr t0
  .option push
  .option norvc
1:
  nop
  .option pop
  j crash_misaligned_jump
.size crash_misaligned_jump, . - crash_misaligned_jump

fault crash_stack_overflow
  addi sp, sp, -256
  sd ra, 0(sp)
  j crash_stack_overflow
.size crash_stack_overflow, . - crash_stack_overflow

fault crash_loop
  j crash_loop
.size crash_loop, . - crash_loop

// The kernel's first page: mapped, but not for user mode.
fault crash_kernel_address
  li t0, 0x80000000
  ld t0, 0(t0)
  j crash_kernel_address
.size crash_kernel_address, . - crash_kernel_address

// For the way that the hardware does not notice.
fault crash_touch
  ret
.size crash_touch, . - crash_touch
