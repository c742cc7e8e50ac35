// A message as the kernel hands it to a service that it holds itself: the same labels and words as a server gets,
// but the bytes stay where the caller has them, for env_copy_in and env_copy_out.
#pragma once
#include "env.h"
#include "fs.h"
#include "blk.h"
#include "con.h"
#include "pipe.h"
#include "net.h"
#pragma clang assume_nonnull begin

typedef struct gate_call {
  uint64_t client;      // task number
  uint64_t is_manager;  // whether the caller may speak for others
  uint64_t label;
  uint64_t words[4];
  user_address send;  // the caller's bytes
  uint64_t send_length;
  user_address receive;  // room for the answer's
  uint64_t receive_length;
} gate_call;

// All of the answer's bytes, in memory that stays as it is until the next call: for a service whose answer already lies
// in one place. 0 or a negated error.
int64_t gate_answer(uint64_t client, user_address destination, const void *source, uint64_t length);

// The gates of the services that can be in the kernel.
int64_t fs_gate(void *files, const gate_call *call);
int64_t blk_gate(void *driver, const gate_call *call);
int64_t con_gate(void *driver, const gate_call *call);
int64_t pipe_gate(void *pipes, const gate_call *call);
int64_t net_gate(void *network, const gate_call *call);

#pragma clang assume_nonnull end
