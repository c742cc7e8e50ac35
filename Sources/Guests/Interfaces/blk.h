// The block driver: sectors of 512 bytes.
#pragma once
#include "env.h"
#pragma clang assume_nonnull begin

typedef struct blk blk;  // opaque: an instance in memory of blk_size() bytes, or a stub's handle

typedef struct blk_request {
  env_request base;
  uint64_t sector;       // the first one
  uint64_t count;        // sectors, 1…8
  uint64_t write;        // 0: read into buffer, 1: write from it
  void *buffer;          // count * 512 bytes from env_device_pages (of the requester's environment)
} blk_request;

// Bytes of an instance.
uint64_t blk_size(void);
// Finds and resets the device. 0 or a negated error. May be called again on the same memory: that is a restart.
int64_t blk_init(blk *driver);
// The disk's size in sectors, or a negated error.
int64_t blk_capacity(blk *driver);
// Starts a request. 0: it will be completed; negated error: it was refused and will not be.
int64_t blk_submit(blk *driver, blk_request *request);
// The device raised its interrupt.
void blk_interrupt(blk *driver);

enum { BLK_SECTOR_SIZE = 512, BLK_MAXIMUM_SECTORS = 8 };
// Message labels between stub and server.
enum { BLK_LABEL_CAPACITY = 1, BLK_LABEL_READ = 2, BLK_LABEL_WRITE = 3 };
#pragma clang assume_nonnull end
