// From a program in the boot archive to a task with filled memory.
#pragma once
#include <stdint.h>
#pragma clang assume_nonnull begin

// Where a loaded task begins: for task_start. And what its recipe gives it (GuestABI, ArchiveRights).
typedef struct loader_start {
  uint64_t entry, stack, a0, a1;
  uint64_t service, device, calls, flags;
} loader_start;

// Makes a task from program `name`: its segments and the top `stack_pages` of its stack are mapped, its
// arguments lie on the stack. The task's number (an embryo), or a negated error.
int64_t loader_load(const uint8_t *name, uint64_t name_length, const uint8_t *_Nullable arguments,
                    uint64_t arguments_length, uint64_t stack_pages, uint64_t parent, uint64_t restarts,
                    loader_start *start);

// The index of program `name` in the boot archive, or a negated error.
int64_t loader_find(const uint8_t *name, uint64_t name_length);

// Fills the memory of a task that was cleared (task_clear) with program `name` instead of what it has. Only the top page
// of its stack stays, because of what a program's library keeps there (GuestABI, Layout.libraryState). After an error
// the task can only be ended.
int64_t loader_replace(uint64_t task, const uint8_t *name, uint64_t name_length, const uint8_t *_Nullable arguments,
                       uint64_t arguments_length, loader_start *start);

#pragma clang assume_nonnull end
