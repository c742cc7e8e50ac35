// The server's state and its message buffers: one definition of what server.h declares.
#include "server.h"

server_state server;
static uint8_t request_buffer[IPC_MAXIMUM_PAYLOAD] __attribute__((aligned(4096)));
static uint8_t reply_buffer[IPC_MAXIMUM_PAYLOAD] __attribute__((aligned(4096)));

uint8_t *server_request_buffer(void) { return request_buffer; }
uint8_t *server_reply_buffer(void) { return reply_buffer; }

// What stands for library_start and sys_exit (library.h) in a server that has no library: there is nothing to set up,
// and a server does not end; if its loop returned, that is a fault that its supervisor sees.
void server_library_start(void) {}
int64_t server_exit(int64_t status) { __builtin_trap(); }
