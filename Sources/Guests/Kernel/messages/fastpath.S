// The fastpath of messages: a call or a reply-and-receive of words alone goes from one task to another without leaving
// this file. The words stay in the registers they are in.
//
// Conditions, each tested below where its `ipc_miss_…` is named; a message that misses one takes the common way
// (trap.S), with everything as it was. The host counts the misses at those names.
//   payload    the sender sends bytes along
//   timeout    the caller limits its patience, or the one to be resumed had
//   buffered   the option is on that sends all messages through a buffer
//   right      the slot does not hold the right that it takes
//   receiver   nobody waits at the endpoint, or the service is in the kernel
//   interrupt  the receiver waits for interrupts only, or has one pending
//   caller     the one to be answered does not wait for this answer, or waits in the kernel
//   queue      others wait already for the one that receives
//
// By the convention of C functions a caller expects its temporary registers and arguments to be lost; so only those that
// a function preserves are saved, and no value of the kernel or of another task is left in the rest.
// Source: RISC-V ABIs Specification, section 1.1 (integer register convention).
#include "offsets.h"

.macro preserved op, base
  \op ra, FRAME_X(1)(\base)
  \op sp, FRAME_X(2)(\base)
  \op gp, FRAME_X(3)(\base)
  \op tp, FRAME_X(4)(\base)
  \op s0, FRAME_X(8)(\base)
  \op s1, FRAME_X(9)(\base)
  \op s2, FRAME_X(18)(\base)
  \op s3, FRAME_X(19)(\base)
  \op s4, FRAME_X(20)(\base)
  \op s5, FRAME_X(21)(\base)
  \op s6, FRAME_X(22)(\base)
  \op s7, FRAME_X(23)(\base)
  \op s8, FRAME_X(24)(\base)
  \op s9, FRAME_X(25)(\base)
  \op s10, FRAME_X(26)(\base)
  \op s11, FRAME_X(27)(\base)
.endm

// A point that the host counts; the way on is the common one.
.macro miss name
.globl ipc_miss_\name
.type ipc_miss_\name, @function
ipc_miss_\name:
  ld s0, FRAME_X(8)(x31)
  ld s1, FRAME_X(9)(x31)
  j common
.size ipc_miss_\name, . - ipc_miss_\name
.endm

// The endpoint with the number in t5, into t5. Uses s0.
.macro endpoint_address
  li s0, ENDPOINT_SIZE
  mul t5, t5, s0
  la s0, kernel_endpoints
  add t5, t5, s0
.endm

// The record of the task in \task, into \record. Uses s0.
.macro record_address record, task
  ld \record, TASK_SLOT(\task)
  slli \record, \record, RECORD_SIZE_LOG2
  li s0, TASK_RECORDS
  add \record, \record, s0
.endm

.section .text.message_use_fastpath, "ax", @progbits
.globl message_use_fastpath
.type message_use_fastpath, @function
message_use_fastpath:
  la t0, message_trap
  csrw stvec, t0
  ret
.size message_use_fastpath, . - message_use_fastpath

.section .text.message_trap, "ax", @progbits
.balign 4
.globl message_trap
.type message_trap, @function
message_trap:
  csrrw x31, sscratch, x31
  beqz x31, in_kernel
  sd t5, FRAME_X(30)(x31)
  csrr t5, scause
  addi t5, t5, -8
  bnez t5, common
  // A kernel call. t4 and t5 are temporaries of its caller; s0 and s1 are not.
  sd s0, FRAME_X(8)(x31)
  sd s1, FRAME_X(9)(x31)
  addi t5, a7, -CALL
  beqz t5, call
  addi t5, a7, -REPLY_RECEIVE
  beqz t5, reply_receive
common:
  ld t5, FRAME_X(30)(x31)
in_kernel:
  csrrw x31, sscratch, x31
  j trap_entry

call:
  bnez t1, ipc_miss_payload
  bnez a6, ipc_miss_timeout
  la t5, kernel_options
  ld t5, OPTION_BUFFERED_MESSAGES(t5)
  bnez t5, ipc_miss_buffered
  li t5, CAPABILITY_COUNT_
  bgeu a0, t5, ipc_miss_right
  // t4: the capability. Its slot is tested; times 24.
  slli t4, a0, 3
  slli t5, a0, 4
  add t4, t4, t5
  add t4, t4, x31
  ld t5, TASK_CAPABILITIES + CAPABILITY_KIND(t4)
  addi t5, t5, -CAPABILITY_CALL_
  bnez t5, ipc_miss_right
  ld t5, TASK_CAPABILITIES + CAPABILITY_OBJECT(t4)
  mv t0, t5
  endpoint_address
  // s1: the receiver.
  ld s1, ENDPOINT_RECEIVER(t5)
  beqz s1, ipc_miss_receiver
  ld s0, TASK_ONLY_INTERRUPTS(s1)
  bnez s0, ipc_miss_interrupt
  ld s0, TASK_DEADLINE(s1)
  bnez s0, ipc_miss_timeout

  // Nothing fails from here on.
  sd zero, ENDPOINT_RECEIVER(t5)
  sd t0, TASK_ENDPOINT(x31)
  ld a6, TASK_CAPABILITIES + CAPABILITY_BADGE(t4)
  sd a6, TASK_BADGE(x31)
  ld t4, TASK_NUMBER(x31)
  ld t5, TASK_NUMBER(s1)
.globl ipc_fastpath_call
.type ipc_fastpath_call, @function
ipc_fastpath_call:
  sd t5, TASK_PARTNER(x31)
  sd zero, TASK_WAITS_IN_KERNEL(x31)
  slli a6, a6, 32
  or a0, t4, a6
  li t0, WAIT_REPLY
  j leave

// From the current task x31 to the task s1, which gets a0…a5; t0: what the current one waits for. Its s0 and s1 are
// saved.
leave:
  csrrw t5, sscratch, zero
  csrr t4, sepc
  addi t4, t4, 4
  sd t4, FRAME_X(0)(x31)
  mv t4, s1
  // Saved a second time as they are: what matters is what was saved first.
  ld s0, FRAME_X(8)(x31)
  ld s1, FRAME_X(9)(x31)
  preserved sd, x31
  // Where an answer's bytes may go.
  sd t1, FRAME_X(6)(x31)
  sd t2, FRAME_X(7)(x31)
  sd t3, FRAME_X(28)(x31)
  record_address t5, x31
  slli t0, t0, 32
  addi t0, t0, STATE_BLOCKED
  sd t0, RECORD_STATE(t5)
  record_address t5, t4
  li t0, STATE_RUNNING
  sd t0, RECORD_STATE(t5)
  la t0, kernel
  sd t4, KERNEL_CURRENT(t0)
  ld t0, RECORD_SATP(t5)
  csrw satp, t0
  ld t0, FRAME_X(0)(t4)
  csrw sepc, t0
  csrw sscratch, t4
  preserved ld, t4
  li t1, 0
  li a6, 0
  li a7, 0
  li t0, 0
  li t2, 0
  li t3, 0
  li t4, 0
  li t5, 0
  li t6, 0
  sret

reply_receive:
  bnez t1, ipc_miss_payload
  la t5, kernel_options
  ld t5, OPTION_BUFFERED_MESSAGES(t5)
  bnez t5, ipc_miss_buffered
  ld t5, TASK_CAPABILITIES + CAPABILITY_KIND(x31)
  addi t5, t5, -CAPABILITY_RECEIVE_
  bnez t5, ipc_miss_right
  ld t5, TASK_INTERRUPTS(x31)
  bnez t5, ipc_miss_interrupt
  // s1: the caller, by its number, of which the lower bits are its slot.
  slli t4, a0, 32
  srli t4, t4, 32
  andi t5, t4, (1 << TASK_COUNT_LOG2) - 1
  slli s1, t5, RECORD_SIZE_LOG2
  li s0, TASK_RECORDS
  add s1, s1, s0
  lwu s0, RECORD_ID(s1)
  bne s0, t4, ipc_miss_caller
  beqz t4, ipc_miss_caller
  ld s0, RECORD_STATE(s1)
  li t4, WAIT_REPLY
  slli t4, t4, 32
  addi t4, t4, STATE_BLOCKED
  bne s0, t4, ipc_miss_caller
  ld s1, RECORD_FRAME(s1)
  ld t4, TASK_PARTNER(s1)
  ld t5, TASK_NUMBER(x31)
  bne t4, t5, ipc_miss_caller
  ld t4, TASK_FAULT_LABEL(s1)
  bnez t4, ipc_miss_caller
  ld t4, TASK_WAITS_IN_KERNEL(s1)
  bnez t4, ipc_miss_caller
  ld t4, TASK_DEADLINE(s1)
  bnez t4, ipc_miss_timeout
  // The endpoint to receive from.
  ld t5, TASK_CAPABILITIES + CAPABILITY_OBJECT(x31)
  mv t0, t5
  endpoint_address
  ld t4, ENDPOINT_FIRST_SENDER(t5)
  bnez t4, ipc_miss_queue

  // Nothing fails from here on.
  sd x31, ENDPOINT_RECEIVER(t5)
  sd t0, TASK_ENDPOINT(x31)
  sd zero, TASK_ONLY_INTERRUPTS(x31)
  sd zero, TASK_WAITS_IN_KERNEL(x31)
  sd zero, TASK_PARTNER(s1)
  ld t4, TASK_NUMBER(x31)
  ld t5, TASK_NUMBER(s1)
.globl ipc_fastpath_reply
.type ipc_fastpath_reply, @function
ipc_fastpath_reply:
  li a0, 0
  li t0, WAIT_RECEIVE
  j leave
.size message_trap, . - message_trap

miss payload
miss timeout
miss buffered
miss right
miss receiver
miss interrupt
miss caller
miss queue
