// What the loops of all servers share: the message at hand and the bytes that came and go with it.
#pragma once
#include "gate.h"
#include "ipc.h"
#pragma clang assume_nonnull begin

typedef struct server_state {
  ipc_message message;
  uint64_t reply_length;  // bytes to send with the answer
  const void *_Nullable reply_source;  // where they are; null: in server_reply_buffer
  void (*_Nullable interrupt)(void *);  // the component's interrupt entry, and its instance
  void *_Nullable instance;
} server_state;

// One server, one thread: nothing else touches it.
extern server_state server __attribute__((swift_attr("nonisolated(unsafe)")));
uint8_t *server_request_buffer(void);
uint8_t *server_reply_buffer(void);

// Whether the message at hand came from one who may speak for others.
static inline _Bool server_caller_is_manager(void) { return ipc_badge(server.message.sender) == IPC_BADGE_MANAGER; }
// The message at hand as a gate takes it: user addresses are offsets into the payloads.
gate_call server_call(void);
// Receives the next message that is not an interrupt.
void server_receive(void);
// The servers' main functions: each is its program's program_main.
int64_t kv_server_main(const uint8_t *arguments, uint64_t length);
int64_t fs_server_main(const uint8_t *arguments, uint64_t length);
int64_t blk_server_main(const uint8_t *arguments, uint64_t length);
int64_t con_server_main(const uint8_t *arguments, uint64_t length);
int64_t pm_server_main(const uint8_t *arguments, uint64_t length);
int64_t vm_server_main(const uint8_t *arguments, uint64_t length);
int64_t pipe_server_main(const uint8_t *arguments, uint64_t length);
int64_t net_server_main(const uint8_t *arguments, uint64_t length);
int64_t nic_server_main(const uint8_t *arguments, uint64_t length);
void server_library_start(void);
int64_t server_exit(int64_t status);
// Answers the message at hand with `result` and what env_copy_out left.
void server_reply(int64_t result);

#pragma clang assume_nonnull end
