// The reincarnation server: starts the services that run in user mode, and starts them again.
#pragma once
#include <stdint.h>

// Tells the reincarnation server that `service` (a Service number) does not answer. Returns when a fresh one
// runs, or a negated error.
int64_t reinc_report(uint64_t service);

// The service of that name was started again: called by the reincarnation server for those who watch it.
void reinc_restart(const uint8_t *_Nonnull name, uint64_t length);

enum { REINC_LABEL_REPORT = 1 };
