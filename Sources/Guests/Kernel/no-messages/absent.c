// What a kernel without messages answers where others send them: in it nothing runs in user mode but programs, and no
// service is reached by a stub.
#include "csr.h"
#include "kernel.h"

enum { NOT_FOUND = 2, NOT_IMPLEMENTED = 38 };

void kernel_call(task *caller) { task_set_register(caller, 10, -(int64_t)NOT_IMPLEMENTED); }
void message_interrupt(task *owner, uint64_t source) { interrupt_disable(source); }
void message_fault(task *faulter, uint64_t endpoint, uint64_t label, uint64_t access, uint64_t cause, uint64_t address) {}
void message_task_gone(task *gone) {}
void message_timed_out(task *waiter) {}
void message_abandon(task *waiter) {}
void message_offer(uint64_t service, gate answer, void *instance) {}
int64_t message_find_server(uint64_t name_low, uint64_t name_high) { return -NOT_FOUND; }
int64_t message_forward(uint64_t handle, const service_message *message) { return -NOT_FOUND; }
int64_t gate_none(void *instance, const gate_call *call) { return -NOT_IMPLEMENTED; }
int64_t task_grant(uint64_t target, uint64_t slot, uint64_t kind, uint64_t object) { return -NOT_IMPLEMENTED; }
int64_t task_guard(uint64_t target, uint64_t pager, uint64_t supervisor) { return -NOT_IMPLEMENTED; }
_Bool supervision_start(void) { return 0; }
void supervision_interrupt(uint64_t source) {
  if (!residents_interrupt(source)) interrupt_disable(source);
}
_Bool supervision_fault(task *task, uint64_t cause, uint64_t address) { return 0; }
int64_t task_set_foreign(uint64_t task) { return -NOT_IMPLEMENTED; }
void message_foreign_call(task *caller) { kernel_call(caller); }
