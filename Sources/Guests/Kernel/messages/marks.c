// The points at which a host counts messages: functions that do nothing, in a file of their own, so that no
// compiler sees through them. The argument registers hold who, to whom, and what. And the message buffer.
#include "kernel.h"

void ipc_transfer_slow(uint64_t from, uint64_t to, uint64_t label) { keep(); }
void ipc_deliver_interrupt(uint64_t from, uint64_t to, uint64_t label) { keep(); }
void ipc_deliver_fault(uint64_t from, uint64_t to, uint64_t label) { keep(); }

// Where messages lie that go through the kernel.
static uint8_t buffer[MAXIMUM_PAYLOAD];
void *message_buffer(void) { return buffer; }
