// Messages as user mode sees them: one function a kernel call (GuestABI, KernelCall).
#pragma once
#include <stdint.h>
#pragma clang assume_nonnull begin

// How a call went, and the answer's label (for a service: its result).
typedef struct ipc_result {
  int64_t status;
  int64_t label;
} ipc_result;

// Bytes that go with a call and come with its answer.
typedef struct ipc_payload {
  const void *_Nullable send;
  uint64_t send_length;
  void *_Nullable receive;
  uint64_t receive_length;
  uint64_t received;
} ipc_payload;

// A message as a server receives it, and the answer to it.
typedef struct ipc_message {
  uint64_t sender;  // task number; 0: the kernel. Before a receive: 1 for interrupts only
  int64_t label;
  uint64_t words[4];
  const void *_Nullable send;
  uint64_t send_length;
  void *_Nullable receive;
  uint64_t receive_length;
  uint64_t received;
} ipc_message;

// The words alone: what the kernel's fastpath takes. `timeout` in ticks, 0: none.
ipc_result ipc_call(uint64_t slot, uint64_t label, uint64_t word0, uint64_t word1, uint64_t word2, uint64_t word3,
                    uint64_t timeout);
// With bytes.
ipc_result ipc_call_payload(uint64_t slot, uint64_t label, uint64_t word0, uint64_t word1, uint64_t word2,
                            uint64_t word3, uint64_t timeout, ipc_payload *payload);
// The same for a service in the reincarnation server's care: repeated when the service died, or fell silent for
// `patience` ticks (0: it may take for ever) and was started again. The answer's label, or a negated error.
int64_t ipc_persist(uint64_t service, uint64_t label, uint64_t word0, uint64_t word1, uint64_t patience,
                    ipc_payload *_Nullable payload);
// How long a driver may be silent: 100 ms.
enum { IPC_PATIENCE = 1000000 };
int64_t ipc_receive(ipc_message *message);
// Answers message->sender with label and the bytes to send.
int64_t ipc_reply(ipc_message *message);
// The same, and receives the next one.
int64_t ipc_reply_receive(ipc_message *message);

// The rest of the kernel's calls.
int64_t kernel_yield(void);
int64_t kernel_sleep(uint64_t ticks);
int64_t kernel_notify(uint64_t slot);
int64_t kernel_alarm(uint64_t time);
int64_t kernel_memory(uint64_t pages, uint64_t for_device);
int64_t kernel_physical(uint64_t address);
int64_t kernel_device(uint64_t kind, uint64_t *place);  // place[0] the registers' address, place[1] the interrupt
int64_t kernel_enable_interrupt(uint64_t interrupt);
int64_t kernel_finish_interrupt(uint64_t interrupt);
int64_t kernel_archive(void);
int64_t kernel_identify(void);
int64_t kernel_grant(uint64_t task, uint64_t slot, uint64_t kind, uint64_t object);
int64_t kernel_guard(uint64_t task, uint64_t pager, uint64_t supervisor);

static inline uint64_t ipc_time(void) {
  uint64_t value;
  __asm__ volatile("rdtime %0" : "=r"(value));
  return value;
}

// The kernel copies only between pages that are there: the first and the last byte of a payload are touched
// before it is offered, so that a pager has filled their pages.
void ipc_touch_for_reading(const void *address, uint64_t length);
void ipc_touch_for_writing(void *address, uint64_t length);

// Capability slots and kinds that user mode has to name (the kernel's own list is in Kernel/include/kernel.h).
enum { IPC_SLOT_RECEIVE = 0, IPC_SLOT_TASKS = 12, IPC_SLOT_MEMORY = 13, IPC_SLOT_DEVICE = 14 };
enum { IPC_RIGHT_NONE = 0, IPC_RIGHT_CALL = 1, IPC_RIGHT_RECEIVE = 2, IPC_RIGHT_TASKS = 3, IPC_RIGHT_MEMORY = 4, IPC_RIGHT_DEVICE = 5 };
// The badges of those who manage tasks: they may speak for others; and of administrators: they may start and stop
// services.
enum { IPC_BADGE_NONE = 0, IPC_BADGE_MANAGER = 1, IPC_BADGE_ADMINISTRATOR = 2 };
static inline uint64_t ipc_client(uint64_t sender) { return sender & 0xffffffff; }
static inline uint64_t ipc_badge(uint64_t sender) { return sender >> 32; }
enum { IPC_MAXIMUM_PAYLOAD = 4096 };

#pragma clang assume_nonnull end
