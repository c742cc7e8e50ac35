// The server's state and its message buffers: one definition of what server.h declares.
#include "server.h"

server_state server;
static uint8_t request_buffer[IPC_MAXIMUM_PAYLOAD] __attribute__((aligned(4096)));
static uint8_t reply_buffer[IPC_MAXIMUM_PAYLOAD] __attribute__((aligned(4096)));

uint8_t *server_request_buffer(void) { return request_buffer; }
uint8_t *server_reply_buffer(void) { return reply_buffer; }

// A server starts without a library to set up.
void library_start(void) {}

// A server does not end; if its loop returned, that is a fault that its supervisor sees.
int64_t sys_exit(int64_t status) { __builtin_trap(); }
