// The library's state in an application: one definition of what exo_library.h declares.
#include "exo_library.h"

exo_program_state exo_program;

// The save area, then the stack: pages of their own, because a handler must never meet one that is shared.
static uint8_t upcalls[EXO_UPCALL_PAGES * 4096] __attribute__((aligned(4096)));
uint8_t *exo_upcall_area(void) { return upcalls; }
uint8_t *exo_upcall_stack(void) { return upcalls + sizeof upcalls; }
