// The memory between the block device and those who call its driver by messages.
#pragma once
#include "env.h"
#pragma clang assume_nonnull begin

typedef struct block_buffer_state {
  env_lock lock;
  void *_Nullable page;
} block_buffer_state;

// Its lock keeps callers apart.
extern block_buffer_state block_buffer __attribute__((swift_attr("nonisolated(unsafe)")));

#pragma clang assume_nonnull end
