// The services that may be in the kernel or outside it: where their instances are. A service in user mode has the
// handle of its stub as its instance.
#pragma once
#include "gate.h"
#pragma clang assume_nonnull begin

typedef struct residents_state {
  blk *block;
  con *console;
  fs *files;
  pipes *pipes;
  nic *adapter;
  net *network;
} residents_state;

// Set once, at the start.
extern residents_state residents __attribute__((swift_attr("nonisolated(unsafe)")));

// Memory for an instance of `size` bytes, or for 0 the handle of the service with that number.
void *residents_instance(uint64_t size, uint64_t service);

#pragma clang assume_nonnull end
