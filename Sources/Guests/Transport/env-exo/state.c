// The library's state in an application: one definition of what exo_library.h declares.
#include "exo_library.h"

exo_program_state exo_program;
static uint8_t area[4096] __attribute__((aligned(4096)));
static uint8_t stack[8192] __attribute__((aligned(16)));

uint8_t *exo_upcall_area(void) { return area; }
uint8_t *exo_upcall_stack(void) { return stack + sizeof stack; }
