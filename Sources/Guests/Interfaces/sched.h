// The scheduling policy: who runs next, and for how long. It knows task slots (0…31), nothing else.
#pragma once
#include <stdint.h>
#pragma clang assume_nonnull begin

typedef struct sched sched;

uint64_t sched_size(void);
void sched_init(sched *policy);
// The task in `slot` can run; it goes to the end of the queue.
void sched_ready(sched *policy, uint64_t slot);
// The task in `slot` cannot run any more (blocked, ended).
void sched_remove(sched *policy, uint64_t slot);
// Takes the next slot out of the queue, or -1.
int64_t sched_next(sched *policy);
// Whether anyone waits for the processor: only then does the running task need a time slice.
uint64_t sched_waiting(sched *policy);
// The time slice in ticks.
uint64_t sched_slice(sched *policy);

#pragma clang assume_nonnull end
