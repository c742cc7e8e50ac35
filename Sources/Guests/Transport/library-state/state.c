// The library state where nothing outlives a program: one definition of what library_state.h declares.
#include "library_state.h"

static uint64_t library_calls_memory[512];

void *library_calls(void) { return library_calls_memory; }
uint64_t library_calls_size(void) { return sizeof library_calls_memory; }

static uint64_t client;
uint64_t library_client(void) { return client; }
void library_set_client(uint64_t number) { client = number; }
