// Where the fields are that assembly reaches. offsets.c in Kernel/storage proves each against the structures.
#pragma once

#define FRAME_X(register) ((register) * 8)
#define TASK_SLOT 384
#define TASK_NUMBER 376
#define TASK_WAITS_IN_KERNEL 392
#define TASK_DEADLINE 400
#define TASK_CAPABILITIES 408
#define TASK_ENDPOINT 792
#define TASK_BADGE 800
#define TASK_PARTNER 808
#define TASK_INTERRUPTS 816
#define TASK_ONLY_INTERRUPTS 824
#define TASK_FAULT_LABEL 832

#define CAPABILITY_KIND 0
#define CAPABILITY_OBJECT 8
#define CAPABILITY_BADGE 16
#define CAPABILITY_SIZE 24
#define CAPABILITY_COUNT_ 16
#define CAPABILITY_CALL_ 1
#define CAPABILITY_RECEIVE_ 2

#define ENDPOINT_RECEIVER 0
#define ENDPOINT_FIRST_SENDER 8
#define ENDPOINT_SIZE 48

#define KERNEL_CURRENT 0
#define KERNEL_IS_HIDDEN 40
#define OPTION_BUFFERED_MESSAGES 8
#define TASK_COUNT_LOG2 5

// GuestABI, TaskRecord.swift and Layout.swift.
#define TASK_RECORDS 0x80001000
#define RECORD_SIZE_LOG2 6
#define RECORD_ID 4
#define RECORD_STATE 8
#define RECORD_WAIT_REASON 12
#define RECORD_SATP 16
#define RECORD_FRAME 56
#define STATE_RUNNING 3
#define STATE_BLOCKED 4
#define WAIT_RECEIVE 3
#define WAIT_REPLY 4

// GuestABI, KernelCall.swift.
#define CALL 0x101
#define REPLY_RECEIVE 0x104
