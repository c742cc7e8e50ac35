// The unikernel's state, and its library's: one definition of what uni.h and library_state.h declare.
#include "library_state.h"
#include "uni.h"

uni_state uni;

static uint64_t mark;
static uint64_t calls[512];
uint64_t *library_calls_mark(void) { return &mark; }
void *library_calls(void) { return calls; }
uint64_t library_calls_size(void) { return sizeof calls; }
uint64_t library_client(void) { return 0; }
