// The unikernel's services, one instance each, and what only assembly can say. Set once at the start.
#pragma once
#include "fs.h"
#include "blk.h"
#include "con.h"
#include "pipe.h"
#include "net.h"
#pragma clang assume_nonnull begin

typedef struct uni_state {
  blk *block;
  con *console;
  fs *files;
  pipes *pipes;
  nic *adapter;
  net *network;
  uint64_t alarm;  // tick at which the network service wants to be called; 0: never
} uni_state;

extern uni_state uni __attribute__((swift_attr("nonisolated(unsafe)")));

// What the linker was told of the application. Written by the builder (GuestBuilder, ApplicationObject.swift).
typedef struct application_description {
  uint64_t name[2];           // padded with zeros
  uint64_t arguments_length;  // bytes of the string behind it
  uint8_t arguments[];
} application_description;
const application_description *linked_application(void);

// Where every trap goes. Interrupts are never taken, so it is the end.
void uni_trap(void);
// Continues in uni_main on the stack that ends at `top`.
void uni_enter(uint64_t top) __attribute__((noreturn));
void uni_main(void) __attribute__((noreturn));
// Nothing to do until an interrupt is pending that `sie` lets through (uni-wait, or uni-poll in its place). May come
// back earlier.
void processor_wait(void);

// Waits, not for long, until what was written to the network has arrived.
void uni_linger(void);

// What the linker puts in the place of a service's functions when the image does without it: the ones that tell an
// instance's size, and all others.
int64_t service_absent(void);
uint64_t service_absent_size(void);

#pragma clang assume_nonnull end
