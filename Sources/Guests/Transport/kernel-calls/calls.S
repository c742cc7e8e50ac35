// Kernel calls from user mode. Register use: GuestABI, KernelCall.

.macro function name
.section .text.\name, "ax", @progbits
.globl \name
.type \name, @function
\name:
.endm

.macro simple_call name, number
function \name
  li a7, \number
  ecall
  ret
.size \name, . - \name
.endm

function ipc_call
  li a7, 0x101
  li t1, 0
  li t3, 0
  ecall
  ret
.size ipc_call, . - ipc_call

// The payload's address comes in a7.
function ipc_call_payload
  addi sp, sp, -16
  sd a7, 0(sp)
  ld t0, 0(a7)
  ld t1, 8(a7)
  ld t2, 16(a7)
  ld t3, 24(a7)
  li a7, 0x101
  ecall
  ld a7, 0(sp)
  addi sp, sp, 16
  sd t1, 32(a7)
  ret
.size ipc_call_payload, . - ipc_call_payload

// A message's fields to registers and back. The message's address stays on the stack.
.macro load_message
  addi sp, sp, -16
  sd a0, 0(sp)
  mv t4, a0
  ld a0, 0(t4)
  ld a1, 8(t4)
  ld a2, 16(t4)
  ld a3, 24(t4)
  ld a4, 32(t4)
  ld a5, 40(t4)
  ld t0, 48(t4)
  ld t1, 56(t4)
  ld t2, 64(t4)
  ld t3, 72(t4)
  li a6, 0
.endm
.macro store_message
  ld t4, 0(sp)
  addi sp, sp, 16
  sd a0, 0(t4)
  sd a1, 8(t4)
  sd a2, 16(t4)
  sd a3, 24(t4)
  sd a4, 32(t4)
  sd a5, 40(t4)
  sd t1, 80(t4)
  ret
.endm

function ipc_receive
  load_message
  li a7, 0x102
  ecall
  store_message
.size ipc_receive, . - ipc_receive

function ipc_reply
  load_message
  li a7, 0x103
  ecall
  addi sp, sp, 16
  ret
.size ipc_reply, . - ipc_reply

function ipc_reply_receive
  load_message
  li a7, 0x104
  ecall
  store_message
.size ipc_reply_receive, . - ipc_reply_receive

simple_call kernel_yield, 0x105
simple_call kernel_sleep, 0x106
simple_call kernel_notify, 0x107
simple_call kernel_alarm, 0x108
simple_call task_create, 0x110
simple_call task_start, 0x111
simple_call task_end, 0x112
simple_call task_collect, 0x113
simple_call kernel_grant, 0x114
simple_call kernel_guard, 0x115
simple_call task_fork, 0x116
simple_call task_continue, 0x117
simple_call task_clear, 0x118
simple_call task_set_foreign, 0x11c
simple_call space_map, 0x120
simple_call space_unmap, 0x121
simple_call space_write, 0x122
simple_call space_share, 0x123
simple_call space_copy, 0x124
simple_call space_available, 0x125
simple_call space_read, 0x12c
simple_call kernel_memory, 0x130
simple_call kernel_physical, 0x131
simple_call kernel_enable_interrupt, 0x133
simple_call kernel_finish_interrupt, 0x134
simple_call kernel_archive, 0x135
simple_call kernel_identify, 0x136

function kernel_device
  mv t0, a1
  li a7, 0x132
  addi sp, sp, -16
  sd t0, 0(sp)
  ecall
  ld t0, 0(sp)
  addi sp, sp, 16
  sd a1, 0(t0)
  sd a2, 8(t0)
  ret
.size kernel_device, . - kernel_device
