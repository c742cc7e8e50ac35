// Proves what assembly believes of the structures' layout.
#include <stddef.h>

#include "kernel.h"
#include "offsets.h"

_Static_assert(offsetof(task, frame) == 0, "sscratch points to the frame and to the task");
_Static_assert(offsetof(task, slot) == TASK_SLOT, "");
_Static_assert(offsetof(task, number) == TASK_NUMBER, "");
_Static_assert(offsetof(task, waits_in_kernel) == TASK_WAITS_IN_KERNEL, "");
_Static_assert(offsetof(task, deadline) == TASK_DEADLINE, "");
_Static_assert(offsetof(task, capabilities) == TASK_CAPABILITIES, "");
_Static_assert(offsetof(task, endpoint) == TASK_ENDPOINT, "");
_Static_assert(offsetof(task, badge) == TASK_BADGE, "");
_Static_assert(offsetof(task, partner) == TASK_PARTNER, "");
_Static_assert(offsetof(task, interrupts) == TASK_INTERRUPTS, "");
_Static_assert(offsetof(task, only_interrupts) == TASK_ONLY_INTERRUPTS, "");
_Static_assert(offsetof(task, fault_label) == TASK_FAULT_LABEL, "");
_Static_assert(offsetof(capability, kind) == CAPABILITY_KIND, "");
_Static_assert(offsetof(capability, object) == CAPABILITY_OBJECT, "");
_Static_assert(offsetof(capability, badge) == CAPABILITY_BADGE, "");
_Static_assert(sizeof(capability) == CAPABILITY_SIZE, "");
_Static_assert(CAPABILITY_COUNT == CAPABILITY_COUNT_ && CAPABILITY_CALL == CAPABILITY_CALL_, "");
_Static_assert(CAPABILITY_RECEIVE == CAPABILITY_RECEIVE_ && SLOT_RECEIVE == 0, "");
_Static_assert(offsetof(endpoint, receiver) == ENDPOINT_RECEIVER, "");
_Static_assert(offsetof(endpoint, first_sender) == ENDPOINT_FIRST_SENDER, "");
_Static_assert(sizeof(endpoint) == ENDPOINT_SIZE, "");
_Static_assert(offsetof(kernel_state, current) == KERNEL_CURRENT, "");
_Static_assert(offsetof(kernel_state, is_hidden) == KERNEL_IS_HIDDEN, "");
_Static_assert(offsetof(kernel_options_state, buffered_messages) == OPTION_BUFFERED_MESSAGES, "");
_Static_assert(TASK_COUNT == 1 << TASK_COUNT_LOG2, "");
