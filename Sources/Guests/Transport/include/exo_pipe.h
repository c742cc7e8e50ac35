// A pipe of the library in an application: a page that all who hold one of its ends have mapped, at the same address.
//
// Whoever can write the page can break the pipe for the others, and nothing else of theirs: what is read from it is
// checked before use.
#pragma once
#include "pipe.h"
#pragma clang assume_nonnull begin

enum { EXO_PIPE_HEADER = 64, EXO_PIPE_CAPACITY = 4096 - EXO_PIPE_HEADER };
typedef struct exo_pipe {
  uint64_t changes;           // counts them; who waits, waits for the next one
  uint64_t lock;              // 1 while somebody changes the rest
  uint64_t waited_for;        // somebody waits
  uint64_t start, count;      // of the bytes
  uint32_t readers, writers;  // who holds an end, a bit each: number modulo 32
  uint64_t reserved[2];
  uint8_t bytes[EXO_PIPE_CAPACITY];
} exo_pipe;

// Takes the lock if it is free.
static inline _Bool exo_pipe_try(exo_pipe *pipe) {
  return __atomic_exchange_n(&pipe->lock, 1, __ATOMIC_ACQUIRE) == 0;
}
static inline void exo_pipe_release(exo_pipe *pipe) { __atomic_store_n(&pipe->lock, 0, __ATOMIC_RELEASE); }
static inline uint8_t *exo_pipe_bytes(exo_pipe *pipe) { return pipe->bytes; }

#pragma clang assume_nonnull end
