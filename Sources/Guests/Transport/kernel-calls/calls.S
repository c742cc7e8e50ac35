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
  li a7, 1
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
  li a7, 1
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
  li a7, 2
  ecall
  store_message
.size ipc_receive, . - ipc_receive

function ipc_reply
  load_message
  li a7, 3
  ecall
  addi sp, sp, 16
  ret
.size ipc_reply, . - ipc_reply

function ipc_reply_receive
  load_message
  li a7, 4
  ecall
  store_message
.size ipc_reply_receive, . - ipc_reply_receive

simple_call kernel_yield, 5
simple_call kernel_sleep, 6
simple_call task_create, 16
simple_call task_start, 17
simple_call task_end, 18
simple_call task_collect, 19
simple_call kernel_grant, 20
simple_call kernel_guard, 21
simple_call task_fork, 22
simple_call task_continue, 23
simple_call task_clear, 24
simple_call space_map, 32
simple_call space_unmap, 33
simple_call space_write, 34
simple_call space_share, 35
simple_call space_copy, 36
simple_call space_available, 37
simple_call kernel_memory, 48
simple_call kernel_physical, 49
simple_call kernel_enable_interrupt, 51
simple_call kernel_finish_interrupt, 52
simple_call kernel_archive, 53
simple_call kernel_identify, 54

function kernel_device
  mv t0, a1
  li a7, 50
  addi sp, sp, -16
  sd t0, 0(sp)
  ecall
  ld t0, 0(sp)
  addi sp, sp, 16
  sd a1, 0(t0)
  sd a2, 8(t0)
  ret
.size kernel_device, . - kernel_device
