// From reset in M-mode to the kernel's first function in S-mode. Hart 0 only; a1 holds the device tree.
// Nothing returns to M-mode: all traps are delegated, and the timer is Sstc's. Where traps go in S-mode is for
// that function to say first of all.
// Source: RISC-V Privileged Architecture 1.12, sections 3.1 and 3.7; Sstc 1.0.

.section .text.reset, "ax", @progbits
.globl reset
reset:
  bnez a0, park
  la t0, machine_trap
  csrw mtvec, t0

  // Everything but calls from S- and M-mode goes to S-mode.
  li t0, 0xb1ff
  csrw medeleg, t0
  li t0, 0x222
  csrw mideleg, t0

  // S-mode and U-mode may reach all of memory: protection is the page tables' work.
  li t0, -1
  csrw pmpaddr0, t0
  li t0, 0x1f
  csrw pmpcfg0, t0

  // Counters and the clock are readable everywhere; stimecmp belongs to S-mode (menvcfg.STCE, bit 63).
  li t0, 7
  csrw mcounteren, t0
  csrw scounteren, t0
  li t0, 1
  slli t0, t0, 63
  csrs 0x30a, t0
  li t0, -1
  csrw 0x14d, t0

  la t0, __bss_start
  la t1, __bss_end
1:
  bgeu t0, t1, 2f
  sd zero, 0(t0)
  addi t0, t0, 8
  j 1b
2:
  la sp, boot_stack_top
  csrw satp, zero
  csrw sscratch, zero

  // mstatus: previous privilege S, interrupts off.
  li t0, 0x1800
  csrc mstatus, t0
  li t0, 0x0800
  csrs mstatus, t0
  la t0, kernel_main
  csrw mepc, t0
  mv a0, a1
  mret

park:
  wfi
  j park

// Not delegated means unforeseen: tell the test finisher (FAIL, code 1) and stop.
.balign 4
machine_trap:
  li t0, 0x100000
  li t1, 0x13333
  sw t1, 0(t0)
  j park

.section .bss.boot_stack, "aw", @nobits
.balign 16
  .space 16384
boot_stack_top:
