// The exokernel's calls as an environment sees them: one function a call (GuestABI, ExoCall), and what the library in
// an application keeps. Environment 0 is the caller.
#pragma once
#include "blk.h"
#include "con.h"
#include "fs.h"
#include "pm.h"
#include "vm.h"
#include "pipe.h"
#include "net.h"
#pragma clang assume_nonnull begin

// A result or a negated error, and a second value beside it.
typedef struct exo_pair {
  int64_t result;
  uint64_t second;
} exo_pair;

int64_t exo_identify(void);
int64_t exo_environment_create(uint64_t name, uint64_t name_end, uint64_t program, uint64_t restarts);
int64_t exo_environment_start(uint64_t environment, uint64_t entry, uint64_t stack, uint64_t a0, uint64_t a1);
int64_t exo_environment_end(uint64_t environment, int64_t status);
exo_pair exo_environment_status(uint64_t environment);
int64_t exo_environment_collect(uint64_t environment);
int64_t exo_environment_grant(uint64_t environment, uint64_t kind, uint64_t object);
int64_t exo_environment_rename(uint64_t name, uint64_t name_end, uint64_t program);
int64_t exo_page_allocate(uint64_t environment, uint64_t address, uint64_t pages, uint64_t permissions);
int64_t exo_page_map(uint64_t environment, uint64_t address, uint64_t source, uint64_t source_address,
                     uint64_t permissions);
int64_t exo_page_unmap(uint64_t environment, uint64_t address, uint64_t pages);
exo_pair exo_page_status(uint64_t environment, uint64_t address);
uint64_t exo_pages_free(void);
int64_t exo_page_signal(uint64_t address);
int64_t exo_upcall_register(uint64_t entry, void *area, void *stack);
int64_t exo_slice_yield(uint64_t environment);
uint64_t exo_wait(uint64_t ticks, uint64_t wants_console, uint64_t place, uint64_t expected);
exo_pair exo_window_map(uint64_t kind, uint64_t address, uint64_t extent);
int64_t exo_interrupt_finish(uint64_t kind);
int64_t exo_extent_allocate(uint64_t sectors);
int64_t exo_extent_release(uint64_t extent);
int64_t exo_filter_bind(uint64_t kind, uint64_t value);
int64_t exo_filter_release(uint64_t kind, uint64_t value);

// Pages in a row that a device may use.
typedef struct exo_device_memory {
  uint64_t address, pages;
  uint64_t is_cache;  // zeros in it mean nothing: such a page may go and come back
  uint64_t copy;      // physical address of what a fork makes of it
} exo_device_memory;
enum { EXO_DEVICE_MEMORY_COUNT = 16, EXO_DEVICE_PAGE_COUNT = 112, EXO_CHILD_COUNT = 12 };

// Pages of another program, made elsewhere before they take the place of this one's.
typedef struct exo_staged {
  uint64_t address, stage, pages, permissions;
} exo_staged;
enum { EXO_STAGED_COUNT = 4, EXO_ARGUMENTS_SIZE = 256 };

// What replaces a program by another one: it reads nothing but this. entries.S knows the offsets.
typedef struct exo_plan {
  uint64_t entry, stack, a0, a1;
  uint64_t arguments_place, arguments_length;
  uint64_t count;
  exo_staged staged[EXO_STAGED_COUNT];
  uint8_t arguments[EXO_ARGUMENTS_SIZE];
} exo_plan;
static inline exo_staged *exo_staged_at(exo_plan *plan, uint64_t index) { return &plan->staged[index]; }
static inline uint8_t *exo_plan_arguments(exo_plan *plan) { return plan->arguments; }

// The library's own state: one application, one thread.
typedef struct exo_program_state {
  uint64_t number;  // of this environment
  blk *disk, *_Nullable scratch_disk;
  con *console;
  fs *files, *_Nullable scratch_files;
  vm *memory;
  pm *processes;
  nic *adapter;
  net *network;
  uint64_t next_page, next_device_page;  // addresses for env_pages and env_device_pages
  exo_device_memory device_memory[EXO_DEVICE_MEMORY_COUNT];
  uint64_t device_pages[EXO_DEVICE_PAGE_COUNT];  // physical addresses; 0: the page is given back, or not there yet
  uint64_t wanted;         // pages that the kernel wants back
  uint64_t extent;         // which the next block driver to be set up will drive
  uint64_t next_window;    // address for the next device's registers
  uint64_t console_window, console_interrupt;
  uint64_t fork_stack;     // where a fork's registers lie on the stack, for the copy
  uint64_t locks;          // held by services: they must not be entered now
  uint64_t has_network;    // the adapter and the network service are set up
  exo_plan *_Nullable plan;  // while another program is made in the place of this one
  uint64_t next_stage;     // address for its next page
  uint64_t alarm;          // tick at which the network service wants to be called; 0: never
  pipe_request *_Nullable pipe_request;  // that waits; one thread has one at most
  uint64_t child_ended;    // an environment has ended, and the process manager does not know yet
  uint64_t children[EXO_CHILD_COUNT];
} exo_program_state;
extern exo_program_state exo_program __attribute__((swift_attr("nonisolated(unsafe)")));
static inline exo_device_memory *exo_device_memory_at(uint64_t index) { return &exo_program.device_memory[index]; }
static inline uint64_t *exo_device_page_at(uint64_t index) { return &exo_program.device_pages[index]; }
// Half a page: there it waits while one program takes another's place.
_Static_assert(sizeof(exo_program_state) <= 2048, "the library's state outgrows its place");
static inline uint64_t *exo_child_at(uint64_t index) { return &exo_program.children[index]; }

// A fork: its memory is made by exo_fork, whose result is the copy's number; the copy begins at exo_fork_entry with
// `stack`, and exo_forked makes it an environment of its own.
int64_t exo_fork(uint64_t stack);
uint64_t exo_fork_entry(void);
void exo_forked(void);

// What an application does when the kernel wants pages back: gives some that it can do without, at most `wanted`, and
// says how many. Each application chooses (exo-give, exo-keep).
uint64_t exo_give_pages(uint64_t wanted);
// How the file system in its own extent is laid out: FS_LAYOUT_… (exo-journaled, exo-plain).
uint64_t exo_scratch_layout(void);

// Pipes (exo-pipes): the word whose next change a pending request waits for, and what it is now; null: none is pending.
const uint64_t *_Nullable exo_pipe_awaited(uint64_t *value);
// Tries the pending request again.
void exo_pipe_retry(void);

// The code that replaces the program; it runs anywhere, with the plan's address as its argument.
const void *exo_replacement(void);
uint64_t exo_replacement_size(void);
// Runs code at an address, and does not come back.
static inline void exo_run(uint64_t code, uint64_t argument) __attribute__((noreturn));
static inline void exo_run(uint64_t code, uint64_t argument) {
  ((void (*)(uint64_t))code)(argument);
  __builtin_unreachable();
}

// The page and the stack of upcalls, and where they begin.
uint8_t *exo_upcall_area(void);
uint8_t *exo_upcall_stack(void);
enum { EXO_UPCALL_PAGES = 3 };
uint64_t exo_upcall_entry(void);
// Deals with an upcall whose save area is at `area`; 0: go on, 1: the fault cannot be mended.
int64_t exo_upcall(uint64_t area);

// Copies bytes that may not be there; 0 or a negated badAddress.
int64_t exo_copy(uint64_t destination, uint64_t source, uint64_t length);
// Whether an address is an instruction of exo_copy, and where it goes on after a fault.
uint64_t exo_copy_covers(uint64_t pc);
uint64_t exo_copy_failed(void);

static inline uint64_t exo_time(void) {
  uint64_t value;
  __asm__ volatile("rdtime %0" : "=r"(value));
  return value;
}
// Writes a word's own value: afterwards its page is not shared any more.
static inline void exo_touch(volatile uint64_t *word) { *word = *word; }
// Orders writes to program text before their execution.
static inline void exo_fence_instructions(void) { __asm__ volatile("fence.i" ::: "memory"); }

#pragma clang assume_nonnull end
