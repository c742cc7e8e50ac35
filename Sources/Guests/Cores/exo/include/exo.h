// The exokernel's books: who owns which physical resource. Only Cores/exo writes them; a host may read them.
#pragma once
#include "kernel.h"
#pragma clang assume_nonnull begin

// A physical page of RAM; one row a page from kernel.frames_first on.
typedef struct exo_page {
  uint8_t owner;     // slot of the environment; 0: the kernel or nobody; EXO_OWNER_DEVICE: a device still uses it
  uint8_t mappings;  // in environments
} exo_page;
enum { EXO_OWNER_DEVICE = 255 };

// Sectors of the disk in a row. Row 0 is the boot extent: read-only to all.
typedef struct exo_extent {
  uint64_t first, sectors;  // sectors 0: the row is free
  uint64_t owner;           // task number; 0: everybody
} exo_extent;
enum { EXO_EXTENT_COUNT = 9 };

// An environment's own view of the disk: a page of RAM that looks like the registers of a disk which is one extent long.
typedef struct exo_shadow {
  uint64_t page;      // physical; 0: the row is free
  uint64_t owner;     // task number
  uint64_t address;   // where the owner sees the page
  uint64_t extent;
  uint16_t seen;      // entries of the available ring that were taken
  uint16_t returned;  // entries of the used ring that were written
} exo_shadow;
enum { EXO_SHADOW_COUNT = 64 };

// A request at the real disk.
typedef struct exo_transfer {
  uint64_t busy;
  uint64_t shadow;       // index; EXO_SHADOW_COUNT: nobody waits for it any more
  uint64_t head;         // of the chain in the shadow queue
  uint64_t status;       // physical address of the requester's status byte
  uint64_t first, last;  // physical addresses of the first and the last byte of the data
} exo_transfer;
enum { EXO_TRANSFER_COUNT = 8 };

// What the kernel knows of an environment beside its task.
typedef struct exo_environment {
  uint64_t pages;               // that it owns
  uint64_t allowance;           // pages that it may keep when the kernel wants some back
  uint64_t taken;               // pages taken by force
  uint64_t entry, area, stack;  // of upcalls; entry 0: none
  uint64_t upcall;              // kind of the upcall that it is in; 0: none
  uint64_t cause, address, pc;  // of the page fault that the upcall is about
  uint64_t events;              // that it has not been told of
  uint64_t waits;               // for an event
  uint64_t wants_console;       // an event may be console input
} exo_environment;

typedef struct exo_state {
  exo_page *pages;
  uint64_t console_interrupt;
  uint64_t console_pending;  // the console has interrupted, and nobody has dealt with it
  // The real disk.
  uint64_t disk;             // address of its registers; 0: there is none
  uint64_t disk_interrupt;
  uint64_t capacity;         // in sectors
  uint64_t queue;            // address of the page shared with it
  uint16_t offered, collected;  // positions in the real rings
  uint64_t starved;             // a shadow has requests for which there was no room
  exo_extent extents[EXO_EXTENT_COUNT];
  exo_transfer transfers[EXO_TRANSFER_COUNT];
  exo_shadow shadows[EXO_SHADOW_COUNT];
  exo_environment environments[TASK_COUNT];
} exo_state;

extern exo_state exo __attribute__((swift_attr("nonisolated(unsafe)")));

// Where a host finds the books (GuestABI, ResourceTable).
typedef struct exo_books {
  uint64_t pages, first_page, page_count, extents, extent_count, environments, environment_stride;
} exo_books;
extern exo_books exo_resources __attribute__((swift_attr("nonisolated(unsafe)")));

static inline exo_extent *extent_at(uint64_t index) { return &exo.extents[index]; }
static inline exo_transfer *transfer_at(uint64_t index) { return &exo.transfers[index]; }
static inline exo_shadow *shadow_at(uint64_t index) { return &exo.shadows[index]; }
static inline exo_environment *environment_at(uint64_t slot) { return &exo.environments[slot]; }

#pragma clang assume_nonnull end
