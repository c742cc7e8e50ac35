// Pipes where there are none, because each application has an operating system of its own and no memory in common with
// another through which bytes could pass. Making one is refused; so nobody ever has a handle.
#include "pipe.h"

enum { BAD_DESCRIPTOR = 9, NOT_IMPLEMENTED = 38 };

uint64_t pipe_size(void) { return 8; }
int64_t pipe_init(pipes *service) { return 0; }
int64_t pipe_create(pipes *service, uint64_t client) { return -NOT_IMPLEMENTED; }
int64_t pipe_submit_read(pipes *service, pipe_request *request) { return -BAD_DESCRIPTOR; }
int64_t pipe_submit_write(pipes *service, pipe_request *request) { return -BAD_DESCRIPTOR; }
int64_t pipe_poll(pipes *service, uint64_t client, uint64_t handle) { return -BAD_DESCRIPTOR; }
int64_t pipe_close(pipes *service, uint64_t client, uint64_t handle) { return -BAD_DESCRIPTOR; }
int64_t pipe_inherit(pipes *service, uint64_t parent, uint64_t child) { return 0; }
void pipe_forget(pipes *service, uint64_t client) {}
