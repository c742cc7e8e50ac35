// The subsystem's tables: one definition of what linux_state.h declares.
#include "linux_state.h"

static linux_file files[LINUX_FILES];
static linux_heap heaps[LINUX_TASKS];

linux_file *linux_file_at(uint64_t index) { return &files[index]; }
linux_heap *linux_heap_at(uint64_t task) { return &heaps[task % LINUX_TASKS]; }
