// The memory for the instance of the Unix call layer in a program's own library.
#pragma once
#include <stdint.h>
#pragma clang assume_nonnull begin
// Zeroed in a new program, and its size in bytes, which unix_size() must not exceed. After `exec` it holds what the
// program before left: the mark says that there is an instance.
uint64_t *library_calls_mark(void);
void *library_calls(void);
uint64_t library_calls_size(void);
// The number by which the services behind the library know the program; 0 where they know it from the kernel.
uint64_t library_client(void);
#pragma clang assume_nonnull end
