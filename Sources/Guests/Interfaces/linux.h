// The environment subsystem: it stands for the kernel of another system, Linux on riscv64, to programs made for that.
#pragma once
#include <stdint.h>
#pragma clang assume_nonnull begin

// A foreign program's system call: a0…a7 as it trapped.
typedef struct linux_call {
  uint64_t arguments[7];
  uint64_t number;
} linux_call;

// What becomes of the program.
typedef struct linux_answer {
  int64_t value;   // the result for its a0, or the status that it ends with
  uint64_t ends;
} linux_answer;

// Does for `task` what it asked Linux for.
linux_answer linux_perform(uint64_t task, const linux_call *call);

#pragma clang assume_nonnull end
