// Where the library's state lies: in the top page of the stack, which outlives `exec` (GuestABI, Layout.libraryState).
#include "library_state.h"

enum { LIBRARY_STATE = 0x2FFFFC00, LIBRARY_STATE_SIZE = 0x400, MARK_SIZE = 16 };

uint64_t *library_calls_mark(void) { return (uint64_t *)LIBRARY_STATE; }
void *library_calls(void) { return (void *)(LIBRARY_STATE + MARK_SIZE); }
uint64_t library_calls_size(void) { return LIBRARY_STATE_SIZE - MARK_SIZE; }

// The kernel tells the services who calls.
uint64_t library_client(void) { return 0; }
void library_set_client(uint64_t number) {}
