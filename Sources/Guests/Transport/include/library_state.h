// The memory for the instance of the Unix call layer in a program's own library.
#pragma once
#include <stdint.h>
#pragma clang assume_nonnull begin
// Zeroed in a new program, and its size in bytes, which unix_size() must not exceed.
void *library_calls(void);
uint64_t library_calls_size(void);
// The number by which the services behind the library know the program; 0 where they know it from the kernel.
uint64_t library_client(void);
void library_set_client(uint64_t number);
// Only where the memory outlives `exec` (library-start): says whether there is an instance, from the program before.
uint64_t *library_calls_mark(void);
#pragma clang assume_nonnull end
