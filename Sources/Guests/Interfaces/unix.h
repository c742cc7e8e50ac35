// The Unix call layer: descriptors, and the way from a program's call to the services. One instance a task:
// in the kernel behind the trap where calls are system calls, in the program's library elsewhere.
#pragma once
#include "env.h"
#include "fs.h"
#include "con.h"
#include "pm.h"
#include "vm.h"
#include "pipe.h"
#include "net.h"
#include "services.h"
#pragma clang assume_nonnull begin

typedef struct unix_calls unix_calls;

typedef struct unix_services {
  fs *files;
  con *console;
  pm *processes;
  vm *memory;
  pipes *pipes;
  net *network;
} unix_services;

uint64_t unix_size(void);
// Descriptors 0, 1 and 2 are the console.
void unix_init(unix_calls *calls, const unix_services *services);
// A forked task's instance where it lies outside the task's memory: the same descriptors. From now on each task has
// positions of its own; the files and pipe ends behind them belong to both.
void unix_inherit(unix_calls *calls, const unix_calls *parent);
// From now on paths below /tmp are in a second file system. `scratch` is asked for it whenever such a path is used, and
// answers null when there is none.
void unix_set_scratch(unix_calls *calls, fs *_Nullable (*_Nonnull scratch)(void));

int64_t unix_null(unix_calls *calls, uint64_t client);
int64_t unix_getpid(unix_calls *calls, uint64_t client);
int64_t unix_yield(unix_calls *calls, uint64_t client);
int64_t unix_exit(unix_calls *calls, uint64_t client, int64_t status);
int64_t unix_spawn(unix_calls *calls, uint64_t client, user_address name, uint64_t name_length,
                   user_address arguments, uint64_t arguments_length);
int64_t unix_wait(unix_calls *calls, uint64_t client, uint64_t task);
int64_t unix_kill(unix_calls *calls, uint64_t client, uint64_t task);
int64_t unix_sleep(unix_calls *calls, uint64_t client, uint64_t milliseconds);
int64_t unix_open(unix_calls *calls, uint64_t client, user_address path, uint64_t length, uint64_t flags);
int64_t unix_close(unix_calls *calls, uint64_t client, uint64_t descriptor);
int64_t unix_read(unix_calls *calls, uint64_t client, uint64_t descriptor, user_address destination, uint64_t length);
int64_t unix_write(unix_calls *calls, uint64_t client, uint64_t descriptor, user_address source, uint64_t length);
int64_t unix_seek(unix_calls *calls, uint64_t client, uint64_t descriptor, uint64_t offset);
int64_t unix_mkdir(unix_calls *calls, uint64_t client, user_address path, uint64_t length);
int64_t unix_remove(unix_calls *calls, uint64_t client, user_address path, uint64_t length);
int64_t unix_rename(unix_calls *calls, uint64_t client, user_address from, uint64_t from_length, user_address to,
                    uint64_t to_length);
int64_t unix_readdir(unix_calls *calls, uint64_t client, uint64_t descriptor, user_address destination, uint64_t length);
int64_t unix_stat(unix_calls *calls, uint64_t client, user_address path, uint64_t length, user_address destination);
int64_t unix_sync(unix_calls *calls, uint64_t client);
int64_t unix_map(unix_calls *calls, uint64_t client, uint64_t length);
int64_t unix_unmap(unix_calls *calls, uint64_t client, uint64_t address, uint64_t length);
int64_t unix_fork(unix_calls *calls, uint64_t client);
int64_t unix_exec(unix_calls *calls, uint64_t client, user_address name, uint64_t name_length,
                  user_address arguments, uint64_t arguments_length);
int64_t unix_pipe(unix_calls *calls, uint64_t client);
int64_t unix_duplicate(unix_calls *calls, uint64_t client, uint64_t descriptor, uint64_t target);
int64_t unix_poll(unix_calls *calls, uint64_t client, uint64_t readable, uint64_t writable, uint64_t milliseconds);
int64_t unix_time(unix_calls *calls, uint64_t client);
int64_t unix_mapfile(unix_calls *calls, uint64_t client, uint64_t descriptor, uint64_t offset, uint64_t length);
// Network: descriptors of sockets are read, written and closed like those of files. Addresses as in net.h.
int64_t unix_listen(unix_calls *calls, uint64_t client, uint64_t port);
int64_t unix_accept(unix_calls *calls, uint64_t client, uint64_t descriptor);
int64_t unix_connect(unix_calls *calls, uint64_t client, uint64_t address, uint64_t port);
int64_t unix_ping(unix_calls *calls, uint64_t client, uint64_t address);
int64_t unix_address(unix_calls *calls, uint64_t client);
int64_t unix_findservice(unix_calls *calls, uint64_t client, user_address name, uint64_t length);
int64_t unix_callservice(unix_calls *calls, uint64_t client, uint64_t descriptor, user_address message);
int64_t unix_loadmodule(unix_calls *calls, uint64_t client, user_address name, uint64_t length);
int64_t unix_unloadmodule(unix_calls *calls, uint64_t client, user_address name, uint64_t length);
int64_t unix_cachepolicy(unix_calls *calls, uint64_t client, uint64_t policy);
int64_t unix_statistics(unix_calls *calls, uint64_t client, user_address destination, uint64_t length);
// What a call becomes in a structure that has no such service: notImplemented, whatever the arguments.
int64_t unix_refuse(void);

#pragma clang assume_nonnull end
