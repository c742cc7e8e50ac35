// What a kernel answers in which no service can be: none is there to start, and no interrupt is for it.
#include "kernel.h"

void residents_start(void) {}
_Bool residents_interrupt(uint64_t source) { return 0; }
