# Runs blocks of random instructions and writes down the state at the end of each: the guest of the differential tests.
# The same image runs on every emulator. Offsets agree with layout.py. Blocks may not touch what protection hides
# from S- and U-mode: everything below the supervisor's stub.
.option norvc
.equ MENVCFG, 0x30a
.equ STIMECMP, 0x14d
.equ BASE, 0x80000000
.equ PARAMETERS, 0x4000
.equ CONTEXT, 0x5000
.equ STUB, 0x10000
.equ LEAVES, 0x14000
.equ DATA, 0x20000

# Context: what is kept between two blocks.
.equ DESCRIPTOR, 0
.equ REGISTERS, 8
.equ RECORD, 16
.equ COUNTS, 24
.equ BLOCK, 32
.equ ROUND, 40
.equ SAVED, 48
.equ STARTED, 56
.equ RESERVED, 64

.globl _start
_start:
  csrr t0, mhartid
  beqz t0, 1f
0:
  wfi
  j 0b
1:
  la t0, vectors
  ori t0, t0, 1
  csrw mtvec, t0
  li t0, 0x2004000            # The timer never interrupts.
  li t1, -1
  ld t2, enabled
  beqz t2, 1f
  sd t1, 0(t0)
  csrw mcounteren, zero
  csrw scounteren, zero
  # Protection: of what is below RAM even M-mode may use the finisher only, and it must not use the PCI window of
  # QEMU at 16 GiB; S- and U-mode may not touch the harness and may only execute the stub. Entries 4 and 5 are
  # the block's.
  li t0, 0x101000 >> 2
  csrw pmpaddr0, t0
  li t0, BASE >> 2
  csrw pmpaddr1, t0
  li t0, (BASE + STUB) >> 2
  csrw pmpaddr2, t0
  li t0, (BASE + STUB + 0x800) >> 2
  addi t0, t0, -1
  csrw pmpaddr3, t0
  li t0, (0x400000000 >> 2) + (0x400000000 >> 3) - 1
  csrw pmpaddr6, t0
  srli t1, t1, 10
  csrw pmpaddr7, t1
1:
  li s0, BASE + CONTEXT
  li s1, BASE + PARAMETERS
  sd zero, BLOCK(s0)
  sd zero, ROUND(s0)
  ld t0, 40(s1)
  sd t0, RECORD(s0)
  ld t0, 48(s1)
  sd t0, COUNTS(s0)

next:
  li s0, BASE + CONTEXT
  li s1, BASE + PARAMETERS
  ld t0, BLOCK(s0)
  ld t1, 0(s1)
  ld t2, ROUND(s0)
  bltu t0, t1, 1f
  li t0, 0
  addi t2, t2, 1
  ld t3, 8(s1)
  bgeu t2, t3, finish
1:
  addi t3, t0, 1
  sd t3, BLOCK(s0)
  sd t2, ROUND(s0)
  ld s2, 16(s1)
  slli t3, t0, 8
  add s2, s2, t3
  sd s2, DESCRIPTOR(s0)
  # The registers' set: (block + 251 * round) modulo the number of sets, 768 bytes each.
  li t4, 251
  mul t2, t2, t4
  add t2, t2, t0
  ld t3, 32(s1)
  and t2, t2, t3
  li t4, 768
  mul t2, t2, t4
  ld s3, 24(s1)
  add s3, s3, t2
  sd s3, REGISTERS(s0)

  # The first and last 32 bytes of four data pages.
  li t0, BASE + DATA
  addi t1, s3, 512
  li t2, 4
  li t5, 4096 - 32
1:
  add t4, t0, t5
  .irp i, 0, 8, 16, 24
  ld t3, \i(t1)
  sd t3, \i(t0)
  ld t3, 32 + \i(t1)
  sd t3, \i(t4)
  .endr
  addi t1, t1, 64
  li t3, 4096
  add t0, t0, t3
  addi t2, t2, -1
  bnez t2, 1b

  ld t2, enabled
  beqz t2, 2f
  # Eight entries of the last level of the page tables, and the state of the hart.
  li t0, BASE + LEAVES
  .irp i, 0, 8, 16, 24, 32, 40, 48, 56
  ld t1, 144 + \i(s2)
  sd t1, \i(t0)
  .endr
  ld t0, 88(s2)
  csrw pmpaddr4, t0
  ld t0, 208(s2)
  csrw pmpaddr5, t0
  ld t0, 80(s2)
  csrw pmpcfg0, t0
  ld t0, 16(s2)
  csrw satp, t0
  sfence.vma
  ld t0, 24(s2)
  csrw medeleg, t0
  ld t0, 32(s2)
  csrw mideleg, t0
  ld t0, 40(s2)
  csrw mie, t0
  ld t0, 48(s2)
  csrw mip, t0
  ld t0, 216(s2)
  csrw MENVCFG, t0
  ld t1, 224(s2)
  beqz t0, 4f
  csrw STIMECMP, t1
4:
  ld t0, 232(s2)
  csrw mcounteren, t0
  ld t0, 64(s2)
  csrw stvec, t0
  ld t0, 72(s2)
  csrw sepc, t0
  csrw scause, zero
  csrw stval, zero
  csrw sscratch, s3
  csrw mtval, zero
  csrw mcause, zero
  # A block may have spoiled the page tables: what leads to the blocks and to the stub.
  ld t2, tables
  la t1, tables
1:
  ld t3, 8(t1)
  sd t3, 0(t2)
  addi t1, t1, 16
  ld t2, 0(t1)
  bnez t2, 1b
2:
  li t0, 3 << 13
  csrs mstatus, t0
  .irp i, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
  fld f\i, 256 + 8 * \i(s3)
  .endr
  ld t0, 56(s2)
  csrw fcsr, t0
  ld t0, 0(s2)
  csrw mepc, t0
  addi t0, s0, RESERVED
  sc.w t1, zero, (t0)         # No reservation is left over.
  ld t0, 8(s2)
  csrw mstatus, t0
  csrr t0, minstret
  sd t0, STARTED(s0)
  mv x31, s3
  .irp i, 1,3,4,5,6,7,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
  ld x\i, 8 * \i(x31)
  .endr
  li x31, BASE + CONTEXT
  ld x31, DESCRIPTOR(x31)
  ld x2, 96(x31)
  ld x8, 104(x31)
  ld x9, 112(x31)
  ld x10, 120(x31)
  ld x11, 128(x31)
  ld x31, 136(x31)            # What x31 shall be, or zero: then it is like the others.
  bnez x31, 3f
  li x31, BASE + CONTEXT
  ld x31, REGISTERS(x31)
  ld x31, 248(x31)
3:
  mret

.balign 64
vectors:
  .rept 16
  j leave
  .endr

# The end of a block, by a trap or, where the emulator has none, by a jump.
.balign 64
leave:
  csrrw x31, mscratch, x31
  li x31, BASE + CONTEXT
  sd x30, SAVED(x31)
  csrr x30, minstret
  sd x29, RESERVED(x31)
  ld x29, STARTED(x31)
  sub x30, x30, x29
  ld x29, COUNTS(x31)
  sd x30, 0(x29)
  addi x29, x29, 8
  sd x29, COUNTS(x31)
  ld x29, RESERVED(x31)
  ld x31, RECORD(x31)
  .irp i, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29
  sd x\i, 8 * \i(x31)
  .endr
  li x1, BASE + CONTEXT
  ld x2, SAVED(x1)
  sd x2, 240(x31)
  csrr x2, mscratch
  sd x2, 248(x31)
  ld t2, enabled
  beqz t2, 4f
  csrr x2, mcause
  sd x2, 0(x31)
  csrr x2, mepc
  sd x2, 512(x31)
  csrr x2, mtval
  sd x2, 520(x31)
  csrr x2, mstatus
  sd x2, 528(x31)
  csrr x2, sepc
  sd x2, 536(x31)
  csrr x2, scause
  sd x2, 544(x31)
  csrr x2, stval
  sd x2, 552(x31)
  csrr x2, satp
  sd x2, 568(x31)
  csrr x2, sscratch
  sd x2, 576(x31)
  csrr x2, mip
  andi x2, x2, 0x222
  sd x2, 584(x31)
  csrr x2, stvec
  sd x2, 592(x31)
  csrr x2, mie
  sd x2, 600(x31)
  csrw satp, zero
  csrw mie, zero
  csrr x2, MENVCFG
  beqz x2, 6f
  li x2, 1 << 50              # No longer due, before the timer is another's.
  csrw STIMECMP, x2
  csrw MENVCFG, zero
6:
  csrw mcounteren, zero
  # A region smaller than an access stops even M-mode.
  li x2, 0x1f9800001d088808
  csrw pmpcfg0, x2
  sfence.vma
  li t0, BASE + LEAVES
  .irp i, 0, 8, 16, 24, 32, 40, 48, 56
  ld t1, \i(t0)
  sd t1, 608 + \i(x31)
  .endr
4:
  li x2, 3 << 13
  csrs mstatus, x2
  .irp i, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
  fsd f\i, 256 + 8 * \i(x31)
  .endr
  csrr x2, fcsr
  sd x2, 560(x31)
  li t0, BASE + DATA
  addi t1, x31, 768
  li t2, 4
  li t5, 4096 - 32
5:
  add t4, t0, t5
  .irp i, 0, 8, 16, 24
  ld t3, \i(t0)
  sd t3, \i(t1)
  ld t3, \i(t4)
  sd t3, 32 + \i(t1)
  .endr
  addi t1, t1, 64
  li t3, 4096
  add t0, t0, t3
  addi t2, t2, -1
  bnez t2, 5b
  addi x31, x31, 1024
  sd x31, RECORD(x1)
  j next

finish:
  li t0, 0x100000
  li t1, 0x5555
stopped:                      # Where an emulator without a test finisher stops.
  sw t1, 0(t0)
  j stopped

.balign 8
# Entries of page tables and their values, as layout.py builds them.
tables:
  .dword BASE + 0x11010, (BASE + 0x16000) >> 2 | 1
  .dword BASE + 0x11018, (BASE + 0x16000) >> 2 | 1
  .dword BASE + 0x11028, (BASE + 0x13000) >> 2 | 1
  .dword BASE + 0x12010, (BASE + 0x15000) >> 2 | 1
  .dword BASE + 0x12018, (BASE + 0x15000) >> 2 | 1
  .dword BASE + 0x12028, (BASE + 0x13000) >> 2 | 1
  .dword BASE + 0x13000, (BASE + LEAVES) >> 2 | 1
  .dword BASE + 0x17000, (BASE + 0x11000) >> 2 | 1
  .dword BASE + 0x18000, (BASE + 0x12000) >> 2 | 1
  .dword BASE + LEAVES + 240, (BASE + LEAVES) >> 2 | 0xc7
  .dword BASE + LEAVES + 248, (BASE + STUB) >> 2 | 0x4b
  .dword BASE + 0x15000, BASE >> 2 | 0xcf
  .dword BASE + 0x16000, BASE >> 2 | 0xcf
  .dword BASE + 0x15010, (BASE + 0x400000) >> 2 | 0xdf
  .dword BASE + 0x16010, (BASE + 0x400000) >> 2 | 0xcf
  .dword 0
# Whether the emulator traps as a hart does and has a privileged architecture to compare.
enabled: .dword 1
.dword stopped
.dword leave
