// The assembly of the tiny guest. `read` goes trap → fs_read → blk_submit; `getpid` is answered by a task in another
// address space; `sleep` idles until a timer interrupt; `kill` makes the kernel panic; `yield` touches a bad user address.

import GuestABI

extension TinyGuest {
  static let agentSource = """
    .text
    .globl _start
    _start:
    program_main:
      la sp, stack_top
    1:
      call agent_park
      la s0, agent_mailbox
      ld t0, 0(s0)
      beqz t0, 1b
      ld a0, 8(s0)
      ld a1, 16(s0)
      ld a2, 24(s0)
      li t1, 1
      beq t0, t1, 2f
      li t1, 2
      beq t0, t1, 3f
      li t1, 8
      beq t0, t1, 4f
      li t1, 11
      beq t0, t1, 5f
      li t1, 7
      beq t0, t1, 6f
      li t1, 3
      beq t0, t1, 7f
      li t1, 19
      beq t0, t1, 9f
      j 8f
    9: call sys_sync
      j 8f
    2: call sys_null
      j 8f
    3: call sys_getpid
      j 8f
    4: call sys_sleep
      j 8f
    5: call sys_read
      j 8f
    6: call sys_kill
      j 8f
    7: call sys_yield
    8: sd a0, 56(s0)
      sd zero, 0(s0)
      j 1b
    .type agent_park, @function
    agent_park: ret
    .size agent_park, . - agent_park
    .macro library name number
    .type sys_\\name, @function
    sys_\\name:
      li a7, \\number
      ecall
      ret
    .size sys_\\name, . - sys_\\name
    .endm
    library null 0
    library getpid 1
    library sleep 7
    library read 10
    library kill 6
    library sync 18
    .type sys_yield, @function
    sys_yield: sd zero, 0(zero)
      ret
    .size sys_yield, . - sys_yield
    .data
    .type agent_mailbox, @object
    agent_mailbox: .zero 2048
    .size agent_mailbox, 2048
    .zero 1024
    stack_top: .zero 16
    """

  static let kernelSource = """
    .option norelax
    .text
    .globl _start
    _start:
      li t0, -1
      csrw pmpaddr0, t0
      li t0, 31
      csrw pmpcfg0, t0
      li t0, 0xffff
      csrw medeleg, t0
      csrw mideleg, t0
      li t0, 1 << 63
      csrw menvcfg, t0
      li t0, 7
      csrw mcounteren, t0
      li t0, 3 << 11
      csrc mstatus, t0
      li t0, 1 << 11
      csrs mstatus, t0
      la t0, supervisor
      csrw mepc, t0
      mret
    supervisor:
      la sp, kernel_stack_top
      la t0, trap_entry
      csrw stvec, t0
      # Two address spaces: the agent's and one for a task that answers getpid.
      la a0, root1
      la a1, low1
      la a2, leaf1
      call make_space
      la a0, root2
      la a1, low2
      la a2, leaf2
      call make_space
      la t0, archive_agent
      srli t0, t0, 2
      ori t1, t0, 0x5b          # V R X U A
      la t2, leaf1
      sd t1, 0x10 * 8(t2)
      addi t0, t0, 0x400
      ori t1, t0, 0xd7          # V R W U A D
      sd t1, 0x11 * 8(t2)
      # Their satp values go into the task records.
      la t0, root1
      srli t0, t0, 12
      li t1, 8 << 60 | 1 << 44
      or t0, t0, t1
      la t1, task_records
      sd t0, 16(t1)
      csrw satp, t0
      la t0, root2
      srli t0, t0, 12
      li t2, 8 << 60 | 2 << 44
      or t0, t0, t2
      sd t0, \(TaskRecord.stride + 16)(t1)
      sfence.vma
      li t0, 1 << 5
      csrw sie, t0
      li t0, 1 << 18
      csrs sstatus, t0
      li t0, 1 << 8
      csrc sstatus, t0
      li t0, 0x10000
      csrw sepc, t0
      csrw sscratch, sp
      sret
    make_space:
      srli t0, a1, 2
      ori t0, t0, 1
      sd t0, 0(a0)
      srli t0, a2, 2
      ori t0, t0, 1
      sd t0, 0(a1)
      li t0, 0xe7               # devices: V R W G A D
      sd t0, 8(a0)
      li t0, 0x80000000 >> 2 | 0xef
      sd t0, 16(a0)
      ret
    .balign 4
    .type trap_entry, @function
    trap_entry:
      csrrw sp, sscratch, sp
      bnez sp, 1f
      csrr sp, sscratch
      csrr t0, scause
      bltz t0, interrupted
      li a0, 0
      call kernel_panic
    1:
      addi sp, sp, -64
      sd ra, 0(sp)
      sd s0, 8(sp)
      csrr t0, sscratch
      sd t0, 16(sp)
      csrw sscratch, zero
      csrr t0, scause
      li t1, 8
      bne t0, t1, bad_user
      csrr t0, sepc
      addi t0, t0, 4
      csrw sepc, t0
      li t1, 1
      beq a7, t1, do_getpid
      li t1, 7
      beq a7, t1, do_sleep
      li t1, 10
      beq a7, t1, do_read
      li t1, 6
      beq a7, t1, do_kill
      mv a0, zero
      beqz a7, back
      li a0, -38
    back:
      li t0, 1 << 8
      csrc sstatus, t0
      ld ra, 0(sp)
      ld s0, 8(sp)
      ld t0, 16(sp)
      addi sp, sp, 64
      csrw sscratch, sp
      mv sp, t0
      sret
    .size trap_entry, . - trap_entry
    interrupted:
      li t0, -1
      csrw stimecmp, t0
      csrw sscratch, zero
      csrr t0, sepc
      sret
    do_getpid:
      csrr s0, satp
      li a0, 1
      li a1, 2
      call ipc_transfer_slow
      la t1, task_records
      ld t0, \(TaskRecord.stride + 16)(t1)
      csrw satp, t0
      li a0, 2
      li a1, 1
      call ipc_transfer_slow
      csrw satp, s0
      li a0, 1
      j back
    do_sleep:
      csrr t0, time
      li t1, 1000
      add t0, t0, t1
      csrw stimecmp, t0
      csrr s0, sepc
      call kernel_idle
      csrw sepc, s0
      li a0, 0
      j back
    do_read:
      call fs_read
      j back
    do_kill:
      la a0, reason
      call kernel_panic
    bad_user:
      li a0, 1
      csrr a1, scause
      csrr a2, stval
      call task_fault
      li a0, -14
      la t0, sys_return
      ld t0, 0(t0)
      csrr t1, sepc
      addi t1, t1, 4
      csrw sepc, t1
      j back
    .macro function name
    .globl \\name
    .type \\name, @function
    \\name:
    .endm
    function kernel_idle
      li t0, 2
      csrs sstatus, t0
      nop
      wfi
      csrc sstatus, t0
      ret
    .size kernel_idle, . - kernel_idle
    function task_fault
      ret
    .size task_fault, . - task_fault
    function ipc_transfer_slow
      ret
    .size ipc_transfer_slow, . - ipc_transfer_slow
    function env_copy_out
      beqz a3, 2f
    1: lbu t0, 0(a2)
      sb t0, 0(a1)
      addi a1, a1, 1
      addi a2, a2, 1
      addi a3, a3, -1
      bnez a3, 1b
    2: ret
    .size env_copy_out, . - env_copy_out
    function kernel_panic
      li t0, 0x50000000
      li t1, 'P'
      sb t1, 0(t0)
      li t0, 0x40100000
      li t1, 0x13333
      sw t1, 0(t0)
    1: j 1b
    .size kernel_panic, . - kernel_panic
    .section .text.fs, "ax"
    function fs_read
      addi sp, sp, -32
      sd ra, 0(sp)
      sd a1, 8(sp)
      sd a2, 16(sp)
      call blk_submit
      call fs_helper
      li a0, 1
      ld a1, 8(sp)
      la a2, text
      ld a3, 16(sp)
      call env_copy_out
      ld a0, 16(sp)
      ld ra, 0(sp)
      addi sp, sp, 32
      ret
    .size fs_read, . - fs_read
    function fs_helper
      ret
    .size fs_helper, . - fs_helper
    .section .text.blk, "ax"
    function blk_submit
      addi sp, sp, -16
      sd ra, 8(sp)
      sd s0, 0(sp)
      mv s0, a0
      lui t0, 0x12345
      addi t0, t0, 0x678
      lui t1, 0x12345
      addi t1, t1, 0x678
      ld ra, 8(sp)
      ld s0, 0(sp)
      addi sp, sp, 16
      ret
    .size blk_submit, . - blk_submit
    .section .taskrecords, "aw"
    .globl task_records
    task_records:
      .word 0x4b534154, 1, 3, 0
      .dword 0
      .word 0, 0, 0, 0
      .asciz "agent"
      .zero 10
      .zero \(TaskRecord.stride - 56)
      .word 0x4b534154, 2, 4, 3
      .dword 0
      .word 1, 0, 0, 0
      .asciz "server"
      .zero 9
      .zero \(TaskRecord.stride - 56)
      .rept 30
      .word 0x4b534154
      .zero \(TaskRecord.stride - 4)
      .endr
    .data
    sys_return: .dword 0
    reason: .asciz "asked to"
    text: .ascii "Every kernel is a tiny kernel, but some are tinier than others."
    .zero 64
    .balign 16
    .zero 4096
    kernel_stack_top: .zero 64
    .section .archive, "a"
    .balign 4096
    archive_agent: .incbin "AGENT"
    .section .pagetables, "aw"
    .balign 4096
    root1: .zero 4096
    low1: .zero 4096
    leaf1: .zero 4096
    root2: .zero 4096
    low2: .zero 4096
    leaf2: .zero 4096
    """
}
