// The reincarnation server: starts the services that run in user mode, and starts them again.
#pragma once
#include <stdint.h>

// Tells the reincarnation server that `service` (a Service number) does not answer. Returns when one runs that does, or
// a negated error.
int64_t reinc_report(uint64_t service);

// The service of that name was started again: called by the reincarnation server for those who watch it.
void reinc_restart(const uint8_t *_Nonnull name, uint64_t length);

// Messages. Only administrators may send START to REPLACE. The bytes sent are the service's name; the bytes of a
// refusal's answer say why.
//   REPORT    words[0] the silent service's number; a program's report is looked into first, a server's believed
//   FIND      the number of the service's endpoint, which the caller may call from then on
//   DESCRIBE  words[0] an index instead of a name; fills a reinc_description; notFound behind the last
//   START     a service that runs on demand
//   STOP      one such
//   RESTART   a fresh incarnation after the old one has ended
//   REPLACE   a fresh incarnation, loaded before the old one ends
enum {
  REINC_LABEL_REPORT = 1, REINC_LABEL_FIND, REINC_LABEL_DESCRIBE, REINC_LABEL_START, REINC_LABEL_STOP,
  REINC_LABEL_RESTART, REINC_LABEL_REPLACE
};
enum { REINC_MAXIMUM_REASON = 80 };

typedef struct reinc_description {
  uint8_t name[16];  // padded with zeros
  uint64_t task;     // 0: it does not run
  uint64_t restarts;
  uint64_t on_demand;
} reinc_description;
