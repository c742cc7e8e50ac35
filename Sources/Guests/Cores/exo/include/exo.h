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

// A queue that an environment has set up in its view of a virtio device: physical addresses in its own pages.
typedef struct exo_queue {
  uint64_t descriptors, available, used;
  uint64_t size, ready;
  uint16_t seen;      // entries of the available ring that were taken
  uint16_t returned;  // entries of the used ring that were written
} exo_queue;
enum { EXO_QUEUE_COUNT = 2, EXO_QUEUE_SIZE = 32 };

// An environment's own view of a device: a page of RAM that looks like its registers. A disk is one extent long.
typedef struct exo_shadow {
  uint64_t page;      // physical; 0: the row is free
  uint64_t owner;     // task number
  uint64_t address;   // where the owner sees the page
  uint64_t kind;      // of device
  uint64_t extent;    // of a disk
  exo_queue queues[EXO_QUEUE_COUNT];
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

// A packet filter: frames of that kind and value are their owner's, in both directions.
typedef struct exo_filter {
  uint64_t kind;   // ENV_CLAIM_…; 0: the row is free
  uint64_t value;
  uint64_t owner;  // task number; 0: the owner has ended, and the port is left alone for a while
  uint64_t since;  // how many filters were made before
} exo_filter;
enum { EXO_FILTER_COUNT = 48 };

// What the kernel knows of an environment beside its task.
typedef struct exo_environment {
  uint64_t pages;               // that it owns
  uint64_t allowance;           // pages that it may keep when the kernel wants some back
  uint64_t taken;               // pages taken by force
  uint64_t asked, given;        // pages asked back so far, and those of them given in time
  uint64_t received, sent;      // frames that passed the filters
  uint64_t refused;             // frames that it must not send
  uint64_t before;              // pages that it owned when it was asked last; 0: that is settled
  uint64_t due;                 // tick at which what the host has asked for is settled; 0: nothing is
  uint64_t entry, area, stack;  // of upcalls; entry 0: none
  uint64_t upcall;              // kind of the upcall that it is in; 0: none
  uint64_t cause, address, pc;  // of the page fault that the upcall is about
  uint64_t events;              // that it has not been told of
  uint64_t waits;               // for an event
  uint64_t wants_console;       // an event may be console input
  uint64_t place;               // physical address of the page at which it waits; 0: none
} exo_environment;

typedef struct exo_state {
  exo_page *pages;
  uint64_t console_interrupt;
  uint64_t console_pending;  // the console has interrupted, and nobody has dealt with it
  // The real disk.
  uint64_t disk_kind;        // ENV_DEVICE_…: which the linked object drives; 0: it has found none
  uint64_t disk_interrupt;
  uint64_t capacity;         // in sectors
  uint64_t disk;             // address of its registers
  uint64_t disk_memory;      // address of the page shared with it
  uint16_t disk_offered, disk_collected;  // positions in its queue's rings
  uint64_t disk_starved;     // a shadow has requests for which there was no room
  exo_extent extents[EXO_EXTENT_COUNT];
  exo_transfer transfers[EXO_TRANSFER_COUNT];
  exo_shadow shadows[EXO_SHADOW_COUNT];
  // The real network adapter.
  uint64_t adapter;          // address of its registers; 0: there is none
  uint64_t adapter_interrupt;
  uint64_t adapter_address;  // 48 bits
  uint64_t adapter_memory;   // address of the pages shared with it
  uint16_t adapter_offered[EXO_QUEUE_COUNT], adapter_collected[EXO_QUEUE_COUNT];
  uint64_t filters_made;
  exo_filter filters[EXO_FILTER_COUNT];
  exo_environment environments[TASK_COUNT];
} exo_state;

extern exo_state exo __attribute__((swift_attr("nonisolated(unsafe)")));

// Where a host finds the books (GuestABI, ResourceTable).
typedef struct exo_books {
  uint64_t pages, first_page, page_count, extents, extent_count, environments, environment_stride;
  uint64_t filters, filter_count;
  uint64_t revoked_task, revoked_pages;  // what the host asks for: written by it, the pages last; 0: nothing
} exo_books;
extern exo_books exo_resources __attribute__((swift_attr("nonisolated(unsafe)")));

// An entry of a virtio queue's descriptor table (virtio 1.2, section 2.7.5), a real device's or a shadow's.
typedef struct exo_descriptor {
  uint64_t address;
  uint32_t length;
  uint16_t flags;  // EXO_DESCRIPTOR_…
  uint16_t next;
} exo_descriptor;
enum { EXO_DESCRIPTOR_NEXT = 1, EXO_DESCRIPTOR_WRITTEN = 2 };
static inline exo_descriptor *descriptor_at(uint64_t table, uint64_t index) { return (exo_descriptor *)table + index; }
// What lies at a physical address that was checked.
static inline uint16_t *half_at(uint64_t address) { return (uint16_t *)address; }
static inline uint32_t *single_at(uint64_t address) { return (uint32_t *)address; }
static inline uint8_t *byte_at(uint64_t address) { return (uint8_t *)address; }

static inline exo_extent *extent_at(uint64_t index) { return &exo.extents[index]; }
static inline exo_transfer *transfer_at(uint64_t index) { return &exo.transfers[index]; }
static inline exo_shadow *shadow_at(uint64_t index) { return &exo.shadows[index]; }
static inline exo_queue *queue_at(uint64_t shadow, uint64_t index) { return &exo.shadows[shadow].queues[index]; }
static inline exo_filter *filter_at(uint64_t index) { return &exo.filters[index]; }
static inline exo_environment *environment_at(uint64_t slot) { return &exo.environments[slot]; }
static inline uint16_t *adapter_offered(uint64_t queue) { return &exo.adapter_offered[queue]; }
static inline uint16_t *adapter_collected(uint64_t queue) { return &exo.adapter_collected[queue]; }

// The disk: the one object of the kernel that changes with its kind. It drives the real one, and checks what is asked of
// its shadows.
// Finds it, sets the fields above, and begins to read its first sector into a page, which is there when disk_collected
// is no longer 0; false without a disk.
_Bool disk_start(uint64_t page);
void disk_interrupt(void);
// A new shadow: its registers as after a reset; the effect of a store to one.
void disk_show(uint64_t shadow);
void disk_store(uint64_t shadow, uint64_t offset, uint32_t value);

// For the disk's object.
// Whether the byte at a physical address is on a page that the owner of a shadow owns.
_Bool shadow_owns(uint64_t shadow, uint64_t physical);
// Whether the owner may transfer these sectors of the extent; the first one's number on the disk, or a negated error.
int64_t shadow_sectors(uint64_t shadow, uint64_t sector, uint64_t count, uint64_t writes);
// Tells the owner of an interrupt.
void shadow_interrupt(uint64_t shadow);
// Nobody waits for a shadow's requests any more.
void shadow_abandon(uint64_t shadow);
// The disk is done with a transfer: its row is free, and its pages if they lost their owner meanwhile.
exo_transfer shadow_finish(uint64_t transfer);
// Of a shadow of a virtio device: the registers of one of that number in the standard; the effect of a store to one
// (the queue to look at, or -1).
void queue_show(uint64_t shadow, uint32_t device);
int64_t queue_store(uint64_t shadow, uint64_t offset, uint32_t value);
// Whether the queue is one, in pages of its owner: these can change hands, so it is asked before every use.
_Bool queue_is_sound(uint64_t shadow, uint64_t queue);
// The next chain that the owner has made available: its first descriptor's index; -1: there is none.
int64_t queue_next(uint64_t shadow, uint64_t queue);
// A copy of a descriptor: the owner may change it any time.
exo_descriptor queue_descriptor(uint64_t shadow, uint64_t queue, uint64_t index);
// Returns a chain to its owner with the bytes that were written, and tells it so.
void queue_return(uint64_t shadow, uint64_t queue, uint64_t head, uint64_t written);
// Copies a frame: where a host counts the bytes.
void exo_copy_frame(uint64_t destination, uint64_t source, uint64_t length);

#pragma clang assume_nonnull end
