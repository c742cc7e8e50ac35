// The subsystem's tables.
#pragma once
#include <stdint.h>
#pragma clang assume_nonnull begin

// A foreign program's open file. Task 0: a free row.
typedef struct linux_file {
  uint64_t task, number, descriptor;
} linux_file;

// A foreign program's heap. It begins where anonymous memory does.
typedef struct linux_heap {
  uint64_t task, end;
} linux_heap;

enum { LINUX_FILES = 12, LINUX_TASKS = 32 };

linux_file *linux_file_at(uint64_t index);
// The row of the task's slot, whoever it belongs to now.
linux_heap *linux_heap_at(uint64_t task);

#pragma clang assume_nonnull end
