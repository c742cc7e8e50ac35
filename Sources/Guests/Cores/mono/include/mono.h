// The monolithic kernel's services: one instance each. Set once at the start.
#pragma once
#include "fs.h"
#include "blk.h"
#include "con.h"
#include "pm.h"
#include "vm.h"
#include "pipe.h"
#pragma clang assume_nonnull begin

typedef struct mono_state {
  blk *block;
  con *console;
  fs *files;
  vm *memory;
  pm *processes;
  pipes *pipes;
  uint64_t calls;       // address of TASK_COUNT instances of the Unix call layer
  uint64_t calls_size;  // bytes of one
} mono_state;

extern mono_state mono __attribute__((swift_attr("nonisolated(unsafe)")));

#pragma clang assume_nonnull end
