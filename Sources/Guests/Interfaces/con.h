// The console driver: a serial line with a line discipline (echo, erase with ^H or DEL, kill with ^U,
// end of file with ^D on an empty line; carriage return reads as newline).
#pragma once
#include "env.h"
#pragma clang assume_nonnull begin

typedef struct con con;

typedef struct con_request {
  env_request base;
  user_address destination;
  uint64_t length;
} con_request;

uint64_t con_size(void);
int64_t con_init(con *driver);
// Writes `length` bytes of the client's memory; bytes written or a negated error.
int64_t con_write(con *driver, uint64_t client, user_address source, uint64_t length);
// Completed with the number of bytes of the next line (0 at end of file), at most `length`.
int64_t con_submit_read(con *driver, con_request *request);
// Whether a line is there to be read: 1 or 0, or a negated error.
int64_t con_poll(con *driver);
// The client is gone: its pending requests are completed with noSuchTask.
void con_forget(con *driver, uint64_t client);
void con_interrupt(con *driver);
// 1 while a reader waits for a line: only then does anybody need the console's interrupt.
uint64_t con_waiting(con *driver);

enum { CON_LABEL_WRITE = 1, CON_LABEL_READ = 2, CON_LABEL_FORGET = 3, CON_LABEL_POLL = 4 };
#pragma clang assume_nonnull end
