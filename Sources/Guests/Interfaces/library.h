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
// The caller twice: in the new task the result is 0, in the old one the new one's number. Memory is a copy (made when
// one of the two writes); descriptors are the same, their positions each task's own.
int64_t sys_fork(void);
// The caller goes on as another program, with its number and its descriptors. Comes back only with an error.
int64_t sys_exec(const void *name, uint64_t name_length, const void *_Nullable arguments, uint64_t arguments_length);
// A pipe: the descriptor of its reading end, plus that of its writing end times 256.
int64_t sys_pipe(void);
// The descriptor `target` becomes another name of `descriptor`; what it was before is closed. A target of all ones
// stands for the lowest free number. The result is the target.
int64_t sys_duplicate(uint64_t descriptor, uint64_t target);
// Waits until one of these descriptors (a bit each) can be read or written without waiting, or the time is up. The
// result holds those that can be read in its lower 32 bits, those that can be written above.
int64_t sys_poll(uint64_t readable, uint64_t writable, uint64_t milliseconds);
// Microseconds since the machine was switched on.
int64_t sys_time(void);
// Memory that shows an open file from `offset`, a multiple of 4096; its address. Pages are read when touched; what is
// written to them is the caller's own.
int64_t sys_mapfile(uint64_t descriptor, uint64_t offset, uint64_t length);
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
