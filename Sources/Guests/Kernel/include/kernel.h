// What the parts of a kernel share: the task table, and one list of every function that crosses from one
// part's object to another's, under the part's name. Nothing outside Kernel/ and Cores/ may include it.
#pragma once
#include <stdint.h>
#include "gate.h"
#include "services.h"
#pragma clang assume_nonnull begin

enum { TASK_COUNT = 32, CAPABILITY_COUNT = 16, ENDPOINT_COUNT = 16, PAGE_SIZE = 4096, KERNEL_STACK_PAGES = 4 };

// A task's user registers while it is not running: x[0] is the pc. trap.S knows these offsets.
typedef struct trap_frame {
  uint64_t x[32];
  uint64_t kernel_stack;  // the address above the task's kernel stack
} trap_frame;

// The registers that a C function preserves: where a task waits inside the kernel. switch.S knows these offsets.
typedef struct kernel_context {
  uint64_t ra, sp, s[12];
} kernel_context;

// A right that a task holds, named by its slot number. Only the kernel writes it.
typedef struct capability {
  uint64_t kind;
  uint64_t object;  // endpoint number, device kind
  uint64_t badge;   // what a receiver learns of a caller beside its number; below 2^32
} capability;
enum {
  CAPABILITY_NONE = 0,
  CAPABILITY_CALL = 1,     // send to endpoint `object` and wait for the reply
  CAPABILITY_RECEIVE = 2,  // receive from endpoint `object`
  CAPABILITY_TASKS = 3,    // make, start and end tasks; grant them capabilities
  CAPABILITY_MEMORY = 4,   // map and fill other tasks' memory
  CAPABILITY_DEVICE = 5,   // drive the device of kind `object`
};
// Slots with a fixed meaning; a service's endpoint is at the slot of its Service number.
enum { SLOT_RECEIVE = 0, SLOT_TASKS = 12, SLOT_MEMORY = 13, SLOT_DEVICE = 14 };

typedef struct task {
  trap_frame frame;  // first: sscratch points to it while the task runs in user mode
  kernel_context context;
  // What the fastpath of messages knows by place (offsets.h): nothing may come in front of it.
  uint64_t number;           // as in its record
  uint64_t slot;
  uint64_t waits_in_kernel;  // resume at context, not at frame
  uint64_t deadline;         // tick at which waiting ends with timedOut; 0: never
  capability capabilities[CAPABILITY_COUNT];
  uint64_t endpoint;     // queued at or receiving from
  uint64_t badge;        // of the capability used for the call
  uint64_t partner;      // task number whose reply is awaited
  uint64_t interrupts;   // sources that fired and were not yet received, a bit each
  uint64_t only_interrupts;  // receiving, but nothing else
  uint64_t fault_label;  // the fault that pager or supervisor is working on; 0: none
  // The rest of messages.
  trap_frame *message;   // the registers of its message: frame, or those of kernel code that sends for it
  struct task *_Nullable next_sender;
  uint64_t pager;        // endpoint that resolves its page faults; 0: nobody
  uint64_t supervisor;   // endpoint that learns of its death; 0: nobody
  uint64_t is_foreign;   // its system calls go to the environment subsystem
  uint64_t fault_access, fault_address, fault_cause;
  // Waiting and ending.
  uint64_t timed_out;        // the deadline passed
  uint64_t alarm;            // tick at which it is interrupted, source INTERRUPT_ALARM; slot 0: the kernel itself; 0: never
  uint64_t ending;           // to end, with ending_status, as soon as it leaves the kernel
  int64_t ending_status;
  uint64_t collected;        // its row is to be freed together with its memory
  uint64_t awaited_lock;     // address of the lock it waits for
  uint64_t administers;      // a bit for each service that it may start and stop; bit 0: the kernel's modules
  // Memory of its own that a server asked for.
  uint64_t next_page;
  uint64_t next_device_page;
} task;

// Answers a message in the kernel, on the caller's own kernel stack; the service's result.
typedef int64_t (*gate)(void *instance, const gate_call *call);

// Where callers of a service queue. Its number is the Service's.
typedef struct endpoint {
  task *_Nullable receiver;      // waits for a message
  task *_Nullable first_sender;  // the queue
  uint64_t is_served;            // someone has received from it
  gate _Nullable gate;           // of a service that is in the kernel; nobody queues then
  void *_Nullable instance;      // for the gate
  uint64_t owner;                // number of the task that may receive
} endpoint;
enum { MAXIMUM_PAYLOAD = 4096 };

typedef struct device {
  uint64_t kind;      // ENV_DEVICE_…; 0 ends the table
  uint64_t physical;  // of its registers
  uint64_t interrupt;
  uint64_t owner;     // task number that drives it in user mode; 0: the kernel
} device;
enum { DEVICE_COUNT = 8 };

typedef struct kernel_state {
  task *current;
  task *_Nullable leaving;   // ended while its kernel stack was still in use
  uint64_t memory_end;       // physical, first byte above RAM
  uint64_t device_tree;      // physical
  uint64_t kernel_table;     // physical address of the kernel's own root table
  uint64_t is_hidden;        // address spaces have nothing of the kernel but its gate
  uint64_t gate_table;       // physical address of a root table with that alone; 0: never needed yet
  uint64_t interrupt_controller;  // as the kernel sees it: physical until page tables are on
  uint64_t console;          // physical address of the UART, for panics
  uint64_t finisher;         // physical
  uint64_t slice_end;        // 0: no time slice runs
  uint64_t timer;            // what stimecmp was set to; ~0: nothing
  uint64_t frames_first;     // physical address of the first page that can be allocated
  uint64_t frames_count;
  uint64_t frames_users;     // address of a table, one byte a page: how many use it
  uint64_t frames_hint;      // where the search for a free page begins
  uint64_t frames_free;      // pages that nobody uses
  uint64_t next_deadline;    // the earliest of all tasks' deadlines and alarms; ~0: none
  uint64_t next_alarm;       // the earliest of all alarms; ~0: none
  uint64_t policy;           // address of the scheduling policy's instance
  device devices[DEVICE_COUNT];
} kernel_state;

// What can be chosen while the system runs, by writing the word: 0 is off.
typedef struct kernel_options_state {
  uint64_t isolate_page_table;  // user mode sees nothing of the kernel but its trap entry: a page-table swap at every trap
  uint64_t buffered_messages;   // each message goes through a buffer of the kernel, and its receiver waits for its turn
} kernel_options_state;
extern kernel_options_state kernel_options __attribute__((swift_attr("nonisolated(unsafe)")));

// One hart, interrupts off: nothing else touches it meanwhile.
extern kernel_state kernel __attribute__((swift_attr("nonisolated(unsafe)")));
extern task kernel_tasks[TASK_COUNT];

static inline task *task_at(uint64_t slot) { return &kernel_tasks[slot]; }
static inline trap_frame *task_frame(task *task) { return &task->frame; }
// x1…x31, or the pc as register 0, of a task that is not running in user mode.
static inline uint64_t task_register(const task *task, uint64_t index) { return task->frame.x[index]; }
static inline void task_set_register(task *task, uint64_t index, uint64_t value) { task->frame.x[index] = value; }
// The same of the message that it sends or receives.
static inline uint64_t message_register(const task *task, uint64_t index) { return task->message->x[index]; }
static inline void message_set_register(task *task, uint64_t index, uint64_t value) { task->message->x[index] = value; }
static inline capability *capability_at(task *task, uint64_t slot) { return &task->capabilities[slot]; }
extern endpoint kernel_endpoints[ENDPOINT_COUNT];
static inline endpoint *endpoint_at(uint64_t number) { return &kernel_endpoints[number]; }
static inline device *device_at(uint64_t index) { return &kernel.devices[index]; }

// runtime: the arch boundary
void trap_entry(void);
// From now on traps go to `entry`, which is aligned to 4 bytes.
static inline void trap_install(void (*entry)(void)) { __asm__ volatile("csrw stvec, %0" ::"r"(entry)); }
void trap_return(trap_frame *frame) __attribute__((noreturn));
// Saves where `from` is in the kernel and continues `to` where it waits in the kernel, or in user mode.
void context_switch(kernel_context *from, const kernel_context *to);
void context_switch_to_user(kernel_context *from, trap_frame *to);
void context_load(const kernel_context *to) __attribute__((noreturn));
// Waits for an interrupt and takes it.
void kernel_idle(void);
// Waits for ever, with interrupts off.
void kernel_stop(void);
uint64_t archive_physical(void), archive_physical_end(void);
uint64_t image_end(void);
uint64_t image_text_start(void), image_text_end(void), image_data_start(void);

// traps
void kernel_main(uint64_t device_tree) __attribute__((noreturn));
// Does nothing that a compiler may leave out.
static inline void keep(void) { __asm__ volatile("" ::: "memory"); }
void trap_from_user(trap_frame *frame);
void trap_from_kernel(uint64_t *frame);
// Ends the system. `reason` is zero-terminated; null: the trap registers say it all.
void kernel_panic(const uint8_t *_Nullable reason) __attribute__((noreturn));
void task_fault(uint64_t task, uint64_t cause, uint64_t address);

// tasks (beside Interfaces/tasks.h)
void tasks_init(void);
task *_Nullable task_find(uint64_t number);
static inline uint64_t task_number(const task *task) { return task->number; }
void task_wake(task *task);
// Makes the current task wait inside the kernel until task_wake; negated timedOut if the deadline passed first.
int64_t task_wait(uint64_t reason);
// Marks the current task as waiting in user mode: its result will be written to its frame.
void task_suspend(uint64_t reason);
// Runs another task if the current one cannot go on, and returns to user mode.
void task_resume_user(void) __attribute__((noreturn));
// Runs exactly `next`, which waits in user mode, without a look at the queue.
void task_switch_direct(task *next) __attribute__((noreturn));
void task_yield(void);
void task_deadline(task *task, uint64_t ticks);
void task_cancel_deadline(task *task);
// Interrupts `task` at tick `time`, in place of an earlier alarm; 0: no more.
void task_set_alarm(task *task, uint64_t time);
void task_tick(void);
void task_halt(void) __attribute__((noreturn));

// spaces
void frames_init(uint64_t first, uint64_t end);
uint64_t frame_allocate(uint64_t count);
// The same with whatever the pages hold.
uint64_t frame_take(uint64_t count);
void frame_release(uint64_t frame, uint64_t count);
// One more address space uses the page: it is free when all have released it.
void frame_share(uint64_t frame);
_Bool frame_is_shared(uint64_t frame);
void spaces_init(void);
uint64_t space_create(uint64_t asid);
void space_destroy(uint64_t satp);
int64_t space_map_frames(uint64_t satp, uint64_t address, uint64_t frame, uint64_t pages, uint64_t flags);
// Physical address of a user byte if `access` (SPACE_…) is allowed to user mode, else 0.
uint64_t space_resolve(uint64_t satp, uint64_t address, uint64_t access);
// Maps a page for the kernel (`flags` as in its entry, without the valid bit), in a part of its half for which every
// space has the same table; the caller sees to the fence. 0 or a negated error.
int64_t space_map_kernel(uint64_t address, uint64_t frame, uint64_t flags);
// The frame that was mapped there, or 0.
uint64_t space_unmap_kernel(uint64_t address);
// Hides the kernel from user mode, or shows it again (`hides`): in every address space, from now on. 0 or noMemory.
int64_t space_hide_kernel(uint64_t hides);
// The value of satp for the kernel's own address space.
uint64_t space_kernel(void);
int64_t user_copy_in(task *task, void *destination, uint64_t source, uint64_t length);
int64_t user_copy_out(task *task, uint64_t destination, const void *source, uint64_t length);

// isolation: what is left of a hidden kernel in every address space
void gate_entry(void);
// Where its data are; where its code is, is the image's first page.
uint64_t gate_page(void);
// From now on traps go through the gate, which finds the kernel in this address space.
void gate_install(uint64_t satp);

// devices
void devices_init(void);
void interrupt_enable(uint64_t source);
void interrupt_disable(uint64_t source);
uint64_t interrupt_claim(void);
void interrupt_complete(uint64_t source);

// loader: Interfaces/loader.h

// messages
// From now on messages of words alone take the fastpath (fastpath.S).
void message_use_fastpath(void);
void message_call(task *caller);
void message_receive(task *receiver);
void message_reply(task *replier);
void message_reply_receive(task *replier);
// An interrupt of a device, the task's own alarm, or another task's notification.
void message_interrupt(task *owner, uint64_t source);
enum { INTERRUPT_ALARM = 0, INTERRUPT_NOTIFICATION = 63 };
// Interrupts the task that receives from an endpoint: a message without content that nobody waits for.
int64_t message_notify(task *notifier, uint64_t slot);
void message_fault(task *faulter, uint64_t endpoint, uint64_t label, uint64_t access, uint64_t cause, uint64_t address);
void message_task_gone(task *gone);
// Sends a foreign task's system call to the environment subsystem.
void message_foreign_call(task *caller);
// A task that waits in the kernel for a message is to end: it stops waiting.
void message_abandon(task *waiter);
// From now on the kernel answers calls of `service` itself, unless `answer` is gate_none.
void message_offer(uint64_t service, gate answer, void *instance);
int64_t gate_none(void *instance, const gate_call *call);
void message_timed_out(task *waiter);
// A handle for the server of that name, padded with zeros, if programs may call it through the kernel; else notFound.
int64_t message_find_server(uint64_t name_low, uint64_t name_high);
// The answer of the server behind such a handle to the current task's message; notFound when it is none.
int64_t message_forward(uint64_t handle, const service_message *message);
// One message in one direction: where a host counts them.
void ipc_transfer_slow(uint64_t from, uint64_t to, uint64_t label);
void ipc_deliver_interrupt(uint64_t from, uint64_t to, uint64_t label);
void ipc_deliver_fault(uint64_t from, uint64_t to, uint64_t label);
// Bytes between two address spaces, page by page; 0 or a negated error.
int64_t ipc_copy(task *from, uint64_t source, task *to, uint64_t destination, uint64_t length);
// The same in two steps, through a buffer of MAXIMUM_PAYLOAD bytes.
int64_t ipc_copy_to_buffer(task *from, uint64_t source, uint64_t length);
int64_t ipc_copy_from_buffer(task *to, uint64_t destination, uint64_t length);
void *message_buffer(void);

// residents: the movable services that are in the kernel
void residents_start(void);
// Whether the interrupt's device is driven here, or it is the alarm of a service that is here; then it has been dealt with.
_Bool residents_interrupt(uint64_t source);

// calls: what a service in user mode asks of the kernel
void kernel_call(task *caller);
// A right for a task (the badge in the upper half of `object`); a pager and a supervisor (endpoints, 0: none) for it. 0 or a negated error.
int64_t task_grant(uint64_t target, uint64_t slot, uint64_t kind, uint64_t object);
int64_t task_guard(uint64_t target, uint64_t pager, uint64_t supervisor);

// supervision: the server that starts all servers, and the interrupts of devices that are driven in user mode
// Whether there are servers to start, and the one that starts them has been started.
_Bool supervision_start(void);
// Hands an interrupt to the task that drives the device, or to the service in the kernel, or to nobody.
void supervision_interrupt(uint64_t source);
// Whether a task that cannot go on has somebody who is told and deals with it.
_Bool supervision_fault(task *task, uint64_t cause, uint64_t address);

// core: what is special to the structure
void core_start(void);
void core_call(task *caller);
// 0: repeat the access; negated error: not allowed; positive: the task waits for its pager.
int64_t core_page_fault(task *task, uint64_t address, uint64_t access, uint64_t cause);
// The kernel itself needs the page at a user's address. 0: it is there now; negated error: it cannot be.
int64_t core_fill_page(task *task, uint64_t address, uint64_t access);
void core_fault(task *task, uint64_t cause, uint64_t address);
void core_interrupt(uint64_t source);
void core_timed_out(task *task);
void core_task_gone(task *task);
// The environment subsystem says that a foreign task ends, with that status.
void core_end(task *task, int64_t status);

#pragma clang assume_nonnull end
