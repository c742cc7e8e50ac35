// The driver's side of the bytes that its clients send and receive: one buffer.
#include "block_buffer.h"

block_buffer_state block_buffer;
