// Pipes: bytes that go in at one end and come out at the other, in order. A handle is one end of one pipe.
// A task holds a handle or not; how many of its descriptors stand for it is the Unix call layer's business.
#pragma once
#include "env.h"
#pragma clang assume_nonnull begin

typedef struct pipes pipes;

typedef struct pipe_request {
  env_request base;
  uint64_t handle;
  user_address place;
  uint64_t length;
} pipe_request;

uint64_t pipe_size(void);
int64_t pipe_init(pipes *service);
// A new pipe. The result is the handle of its reading end, which `client` holds; the next number is the writing end.
int64_t pipe_create(pipes *service, uint64_t client);
// Completed with the number of bytes read as soon as there are any: 0 when nobody can write any more.
int64_t pipe_submit_read(pipes *service, pipe_request *request);
// Completed with the number of bytes taken, which may be fewer than offered; 0: there was no room, but now there is,
// so offer them again. brokenPipe, negated: nobody can read any more.
int64_t pipe_submit_write(pipes *service, pipe_request *request);
// Whether a read or write would not have to wait: 1 or 0, or a negated error.
int64_t pipe_poll(pipes *service, uint64_t client, uint64_t handle);
int64_t pipe_close(pipes *service, uint64_t client, uint64_t handle);
// The child holds what its parent holds.
int64_t pipe_inherit(pipes *service, uint64_t parent, uint64_t child);
// The client is gone: its pending requests are completed with noSuchTask, and it holds nothing any more.
void pipe_forget(pipes *service, uint64_t client);

enum { PIPE_COUNT = 16, PIPE_CAPACITY = 4096 };
enum {
  PIPE_LABEL_CREATE = 1, PIPE_LABEL_READ, PIPE_LABEL_WRITE, PIPE_LABEL_POLL, PIPE_LABEL_CLOSE, PIPE_LABEL_INHERIT,
  PIPE_LABEL_FORGET
};
#pragma clang assume_nonnull end
