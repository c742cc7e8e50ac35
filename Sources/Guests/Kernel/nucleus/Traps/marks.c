// Where a host learns that a task ends by a fault: nothing happens here, but the trap's registers are still valid.
#include "kernel.h"

void task_fault(uint64_t task, uint64_t cause, uint64_t address) { keep(); }
