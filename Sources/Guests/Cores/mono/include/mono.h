// The services that are always in a kernel with system calls: one instance each. Set once at the start.
#pragma once
#include "pm.h"
#include "vm.h"
#pragma clang assume_nonnull begin

typedef struct mono_state {
  vm *memory;
  pm *processes;
  uint64_t calls;       // address of TASK_COUNT instances of the Unix call layer
  uint64_t calls_size;  // bytes of one
} mono_state;

extern mono_state mono __attribute__((swift_attr("nonisolated(unsafe)")));

#pragma clang assume_nonnull end
