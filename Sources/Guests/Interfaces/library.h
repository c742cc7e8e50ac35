// What a program may call: the same functions in every structure. All return a non-negative result or a
// negated error number. A program defines program_main and nothing else that is global.
#pragma once
#include <stdint.h>
#pragma clang assume_nonnull begin

// The program. `arguments` is one string of `length` bytes, not terminated; the result is the exit status.
int64_t program_main(const uint8_t *arguments, uint64_t length);

// Called by program_start before program_main: sets the library up.
void library_start(void);

int64_t sys_null(void);
int64_t sys_getpid(void);
int64_t sys_yield(void);
int64_t sys_exit(int64_t status);
int64_t sys_spawn(const void *name, uint64_t name_length, const void *_Nullable arguments, uint64_t arguments_length);
int64_t sys_wait(uint64_t task);
int64_t sys_kill(uint64_t task);
int64_t sys_sleep(uint64_t milliseconds);
int64_t sys_open(const void *path, uint64_t length, uint64_t flags);
int64_t sys_close(uint64_t descriptor);
int64_t sys_read(uint64_t descriptor, void *destination, uint64_t length);
int64_t sys_write(uint64_t descriptor, const void *source, uint64_t length);
int64_t sys_seek(uint64_t descriptor, uint64_t offset);
int64_t sys_mkdir(const void *path, uint64_t length);
int64_t sys_remove(const void *path, uint64_t length);
int64_t sys_rename(const void *from, uint64_t from_length, const void *to, uint64_t to_length);
int64_t sys_readdir(uint64_t descriptor, void *destination, uint64_t length);
int64_t sys_stat(const void *path, uint64_t length, void *status);
int64_t sys_sync(void);
int64_t sys_map(uint64_t length);
int64_t sys_unmap(uint64_t address, uint64_t length);
// Network. Addresses are numbers, the first of the four bytes uppermost.
int64_t sys_listen(uint64_t port);
int64_t sys_accept(uint64_t descriptor);
int64_t sys_connect(uint64_t address, uint64_t port);
int64_t sys_ping(uint64_t address);  // microseconds
int64_t sys_address(void);

// Services by name (services.h): a descriptor for one, and a call to it (`message` is a service_message).
int64_t sys_findservice(const void *name, uint64_t length);
int64_t sys_callservice(uint64_t descriptor, const void *message);
int64_t sys_loadmodule(const void *name, uint64_t length);
int64_t sys_unloadmodule(const void *name, uint64_t length);
// The file system's block cache: its replacement policy (a CachePolicy; the result is the one before), and how it
// works (CacheStatistics, or as much of it as there is room for; bytes written).
int64_t sys_cachepolicy(uint64_t policy);
int64_t sys_statistics(void *destination, uint64_t length);

#pragma clang assume_nonnull end
