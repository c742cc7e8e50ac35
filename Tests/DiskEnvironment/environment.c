// The environment and the block driver that the file system component is linked with when it is tested on the host.
//
// Addresses of a caller's memory are plain addresses here; those below 4096 are bad. A lock that is taken twice, or
// given back twice, ends the process: there is one thread.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "blk.h"
#include "env.h"

// Behind `blk *`: the test's disk. `transfer` returns 0 or a negated error.
typedef struct host_disk {
  void *context;
  uint64_t sectors;
  int64_t (*transfer)(void *context, uint64_t sector, uint64_t count, uint64_t write, void *buffer);
} host_disk;

static void fail(const char *reason) {
  fprintf(stderr, "environment: %s\n", reason);
  abort();
}

void env_complete(env_request *request, int64_t result) {
  if (request->done) fail("a request is completed twice");
  request->result = result;
  request->done = 1;
}

int64_t env_await(env_request *request) {
  if (!request->done) fail("a request is never completed");
  return request->result;
}

void env_acquire(env_lock *lock) {
  if (lock->holder) fail("a lock is taken twice");
  lock->holder = 1;
}

void env_release(env_lock *lock) {
  if (!lock->holder) fail("a lock is given back that nobody holds");
  lock->holder = 0;
}

// What a mount in progress on this thread has taken; `host_take_pages` hands it to the test, which frees it.
enum { MAXIMUM_ALLOCATIONS = 8 };
static _Thread_local void *allocations[MAXIMUM_ALLOCATIONS];
static _Thread_local unsigned allocation_count;

void *env_pages(uint64_t count) {
  if (allocation_count == MAXIMUM_ALLOCATIONS) fail("too many allocations in one mount");
  void *pages = aligned_alloc(4096, count * 4096);
  if (!pages) return NULL;
  memset(pages, 0, count * 4096);
  allocations[allocation_count++] = pages;
  return pages;
}

// Room for MAXIMUM_ALLOCATIONS addresses; returns how many there are.
unsigned host_take_pages(void **pages) {
  unsigned count = allocation_count;
  memcpy(pages, allocations, count * sizeof(void *));
  allocation_count = 0;
  return count;
}

void *env_device_pages(uint64_t count) { return env_pages(count); }

// Each mount begins at another time.
uint64_t env_time(void) {
  static _Thread_local uint64_t ticks;
  return ++ticks;
}

int64_t env_copy_in(uint64_t client, void *destination, user_address source, uint64_t length) {
  (void)client;
  if (source < 4096) return -14;
  memcpy(destination, (const void *)source, length);
  return 0;
}

int64_t env_copy_out(uint64_t client, user_address destination, const void *source, uint64_t length) {
  (void)client;
  if (destination < 4096) return -14;
  memcpy((void *)destination, source, length);
  return 0;
}

int64_t blk_capacity(blk *driver) { return (int64_t)((host_disk *)driver)->sectors; }

int64_t blk_submit(blk *driver, blk_request *request) {
  host_disk *disk = (host_disk *)driver;
  if (request->count == 0 || request->count > BLK_MAXIMUM_SECTORS) fail("a request of an impossible length");
  if (request->sector + request->count > disk->sectors) return -22;
  env_complete(&request->base,
               disk->transfer(disk->context, request->sector, request->count, request->write, request->buffer));
  return 0;
}
