// The process manager: programs become tasks, tasks end, parents learn of it.
#pragma once
#include "env.h"
#include "fs.h"
#include "con.h"
#include "vm.h"
#include "pipe.h"
#include "net.h"
#pragma clang assume_nonnull begin

typedef struct pm pm;

typedef struct pm_request {
  env_request base;
  uint64_t child;
} pm_request;

// Those who keep something for a task, and so must learn of its beginning and its end.
typedef struct pm_services {
  vm *memory;
  fs *files;
  con *console;
  pipes *pipes;
  net *network;
} pm_services;

uint64_t pm_size(void);
int64_t pm_init(pm *service, const pm_services *services);
// The longest program name, and the longest argument string, in bytes.
enum { PM_MAXIMUM_NAME = 15, PM_MAXIMUM_ARGUMENTS = 255 };
// The new task's number. `arguments` is one string; the program splits it.
int64_t pm_spawn(pm *service, uint64_t client, user_address name, uint64_t name_length, user_address arguments,
                 uint64_t arguments_length);
// A copy of the client: its number for the client, and 0 for the copy, which goes on at the same place. Memory is
// shared until one of the two writes to it; open files and pipe ends belong to both.
int64_t pm_fork(pm *service, uint64_t client);
// The client goes on as another program with the same number, parent, open files and pipe ends. Comes back only with
// an error; in the kernel also without one, and the result is then what the new program finds in its first register.
int64_t pm_exec(pm *service, uint64_t client, user_address name, uint64_t name_length, user_address arguments,
                uint64_t arguments_length);
// Does nothing, and takes no argument: the price of the way itself.
int64_t pm_null(pm *service, uint64_t client);
int64_t pm_getpid(pm *service, uint64_t client);
// The client's task ends. In the kernel it does not come back.
void pm_exit(pm *service, uint64_t client, int64_t status);
// Completed with the child's exit status when it has ended.
int64_t pm_submit_wait(pm *service, pm_request *request);
int64_t pm_kill(pm *service, uint64_t client, uint64_t task);
// The task cannot go on: an exception that nobody resolves. `cause` as in scause.
void pm_fault(pm *service, uint64_t task, uint64_t cause, uint64_t address);

// What wait reports for a task that was killed, or ended by an exception: PM_STATUS_FAULT minus its
// cause, as in scause or FaultCause (GuestABI).
enum { PM_STATUS_KILLED = -1, PM_STATUS_FAULT = -256 };
enum {
  PM_LABEL_NULL = 1, PM_LABEL_GETPID, PM_LABEL_SPAWN, PM_LABEL_EXIT, PM_LABEL_WAIT, PM_LABEL_KILL,
  PM_LABEL_FORK, PM_LABEL_EXEC
};
#pragma clang assume_nonnull end
