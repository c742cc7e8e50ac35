// Services by name, beyond those that every program can reach: modules of a kernel, servers that run on demand.
// A structure that has none of them answers notImplemented: the linker binds these names to unix_refuse.
#pragma once
#include "env.h"
#pragma clang assume_nonnull begin

// What a program tells a service, and where it wants the answer's bytes: as it lies in the program's memory.
typedef struct service_message {
  uint64_t label;
  uint64_t words[3];
  user_address send;
  uint64_t send_length;
  user_address receive;
  uint64_t receive_length;
} service_message;
enum { SERVICES_MAXIMUM_NAME = 15, SERVICES_MAXIMUM_PAYLOAD = 4096 };

// A handle for the service of that name; notFound when none runs.
int64_t services_find(uint64_t client, user_address name, uint64_t length);
// The service's result for the service_message at `message`; notFound when it was stopped or unloaded meanwhile.
int64_t services_call(uint64_t client, uint64_t handle, user_address message);

// Takes a module of the boot archive into the kernel; exists when it is there already, notPermitted for a client that is
// no administrator of modules.
int64_t modules_load(uint64_t client, user_address name, uint64_t length);
// Takes it out again; busy while a call is in it.
int64_t modules_unload(uint64_t client, user_address name, uint64_t length);

#pragma clang assume_nonnull end
