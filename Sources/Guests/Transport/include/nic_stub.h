// What the network driver's stub keeps between calls: room that was offered for frames, and whether any wait.
#pragma once
#include "env.h"
#pragma clang assume_nonnull begin

typedef struct nic_stub_state {
  env_request *_Nullable first, *_Nullable last;
  uint64_t more;
} nic_stub_state;

// One network service in an address space, one thread: nothing else touches it.
extern nic_stub_state nic_stub __attribute__((swift_attr("nonisolated(unsafe)")));

#pragma clang assume_nonnull end
