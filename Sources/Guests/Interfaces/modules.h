// Modules of a kernel: code that the running kernel takes in, with all of its own rights. What a module has to have,
// and what the kernel offers to it besides the environment (env.h).
#pragma once
#include "gate.h"
#pragma clang assume_nonnull begin

// Of the module, where its execution begins: called once, when it has been loaded. A negated error takes it out again.
int64_t module_init(void);

typedef int64_t (*module_setup)(void *instance);
typedef int64_t (*module_gate)(void *instance, const gate_call *call);

// Of the kernel, for module_init alone: the module serves calls under that name from now on. `size` zeroed bytes are
// its instance's, which `setup` makes ready; the kernel takes them back when the module goes.
int64_t modules_register(const uint8_t *name, uint64_t name_length, uint64_t size, module_setup setup,
                         module_gate gate);

#pragma clang assume_nonnull end
