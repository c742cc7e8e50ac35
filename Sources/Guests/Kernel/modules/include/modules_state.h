// The modules that a kernel has taken in. Only Kernel/modules may write it.
#pragma once
#include "modules.h"
#pragma clang assume_nonnull begin

enum { MODULE_COUNT = 4 };

typedef struct kernel_module {
  uint64_t handle;  // never used twice; 0: the row is free
  uint64_t module_name[2];   // its name in the boot archive, padded with zeros
  uint64_t service_name[2];  // the name under which it serves
  void *_Nullable instance;
  uint64_t instance_pages;
  module_gate _Nullable gate;  // null until it has registered
  uint64_t calls;   // that are in it at the moment
} kernel_module;

typedef struct modules_state {
  kernel_module rows[MODULE_COUNT];
  uint64_t last_handle;
  kernel_module *_Nullable loading;  // the one whose module_init runs
} modules_state;

extern modules_state modules __attribute__((swift_attr("nonisolated(unsafe)")));
static inline kernel_module *module_at(uint64_t index) { return &modules.rows[index]; }

#pragma clang assume_nonnull end
