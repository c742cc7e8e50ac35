// The environment that a service is written against: memory, devices, waiting, time, its callers' bytes.
// Who answers is decided when an image is linked: the kernel for what runs in it, the server runtime for a
// service in user mode. A service calls nothing else, keeps no global state, and must not assume a privilege.
#pragma once
#include <stdint.h>
#pragma clang assume_nonnull begin

// The address of bytes in the memory of whoever made a request. It is not a pointer: only env_copy_in and
// env_copy_out may use it, after checking it. (In a server it is an offset into the message's payload.)
typedef uint64_t user_address;

// A request that may take long. Its maker keeps it alive until it is done; a service embeds it as the first
// member of its own request type, links pending ones through `next`, and calls env_complete exactly once.
typedef struct env_request {
  uint64_t client;   // task number of the one on whose behalf; no two living ones are equal modulo 32
  int64_t result;    // valid once done
  uint64_t done;
  uint64_t waiter;   // of the environment: task number or reply token
  struct env_request *_Nullable next;  // of the service while the request is pending
} env_request;

// Marks `request` as done with `result` and resumes (or answers) whoever waits for it.
void env_complete(env_request *request, int64_t result);
// Waits until `request` is done; returns its result. Interrupts are served meanwhile.
int64_t env_await(env_request *request);

// Mutual exclusion between callers that wait inside a service. Zero-initialised is unlocked.
typedef struct env_lock { uint64_t holder, waiters; } env_lock;
void env_acquire(env_lock *lock);
void env_release(env_lock *lock);

// `count` zeroed pages of the service's own, at consecutive addresses; null when there are none.
void *_Nullable env_pages(uint64_t count);
// The same for memory that a device reads and writes: physically consecutive.
void *_Nullable env_device_pages(uint64_t count);
// The physical address of a byte in memory that came from env_device_pages, or of any byte a kernel-resident
// service can name.
uint64_t env_physical(const void *address);

// A device that this service may drive.
enum { ENV_DEVICE_CONSOLE = 1, ENV_DEVICE_BLOCK = 2, ENV_DEVICE_NETWORK = 3, ENV_DEVICE_SIMPLE_DISK = 4 };
typedef struct env_device {
  volatile uint32_t *_Nullable registers;
  uint64_t interrupt;  // the interrupt controller's source number
} env_device;
// 0, or a negated error when there is no such device or it belongs to another.
int64_t env_find_device(uint64_t kind, env_device *device);
// From now on the service's interrupt entry point is called for `interrupt`.
int64_t env_enable_interrupt(uint64_t interrupt);
// The device's interrupt has been dealt with; the next one may come.
void env_finish_interrupt(uint64_t interrupt);

// Copies between a caller's memory and the service's own; 0 or a negated error (badAddress).
int64_t env_copy_in(uint64_t client, void *destination, user_address source, uint64_t length);
int64_t env_copy_out(uint64_t client, user_address destination, const void *source, uint64_t length);

// Ticks of the machine's clock, 10 million a second.
uint64_t env_time(void);
// Gives the processor away; sleeps for `ticks`.
void env_yield(void);
void env_sleep(uint64_t ticks);
// From tick `time` on (0: no more) the service's interrupt entry point is called once, as if a device had raised
// an interrupt. A later call replaces an earlier one; there is one such alarm in an address space.
void env_set_alarm(uint64_t time);

// Where several network services share one adapter, what a service sends from and receives at is its own from this call
// on: an Internet address, a port, the identifier of its echoes (0: those that others ask for). 0, or addressInUse,
// negated: another's. Where a service has the adapter to itself, everything is its own.
int64_t env_claim(uint64_t kind, uint64_t value);
void env_disclaim(uint64_t kind, uint64_t value);
// Ports and identifiers by the Internet's number of the protocol, addresses by the kind of frame that asks for one.
enum { ENV_CLAIM_ECHO = 1, ENV_CLAIM_PORT = 6, ENV_CLAIM_DATAGRAM = 17, ENV_CLAIM_ADDRESS = 0x806 };

#pragma clang assume_nonnull end
