// What a kernel offers to those services that manage tasks and memory: pm, vm, reinc. Called directly by a
// service in the kernel, by kernel call (which checks the caller's capabilities) by one in user mode.
#pragma once
#include <stdint.h>
#pragma clang assume_nonnull begin

enum { SPACE_READ = 1, SPACE_WRITE = 2, SPACE_EXECUTE = 4 };

// A new task with an empty address space, in the state `embryo`. Its number, or a negated error.
// `name` of at most 15 bytes; `program` is its index in the boot archive; `restarts` counts earlier incarnations.
int64_t task_create(const uint8_t *name, uint64_t name_length, uint64_t program, uint64_t parent, uint64_t restarts);
// Starts an embryo at `entry` with a0, a1 and the stack pointer; the calling task itself goes on there.
int64_t task_start(uint64_t task, uint64_t entry, uint64_t stack, uint64_t a0, uint64_t a1);
// Ends a task and releases its memory. It stays as a zombie with `status` until task_collect.
int64_t task_end(uint64_t task, int64_t status);
// Gives a new program what its recipe lets it use: `calls` has a bit for each service.
int64_t task_admit(uint64_t task, uint64_t calls);
// A copy of `parent`: its name and registers, its rights to call services, and an address space that is still empty. An
// embryo; its number, or a negated error. The parent waits for its caller's answer meanwhile. 0: this is the copy, where
// the parent made it itself and the copy goes on from this very call.
int64_t task_fork(uint64_t parent);
// What a forked task inherits beside that: whatever this structure keeps for a program outside its memory.
int64_t task_inherit(uint64_t parent, uint64_t child);
// Starts an embryo that was forked: where its parent is, with a0 and a1.
int64_t task_continue(uint64_t task, uint64_t a0, uint64_t a1);
// Turns a task that waits for its caller's answer into an embryo again, for another program: its registers and its
// name are the new program's, its number, rights and memory remain.
int64_t task_clear(uint64_t task, const uint8_t *name, uint64_t name_length, uint64_t program);
// From now on the task's system calls are those of another system: they go to the environment subsystem.
// notImplemented where the structure has none.
int64_t task_set_foreign(uint64_t task);
// Frees a zombie's row.
int64_t task_collect(uint64_t task);
// Maps `pages` zeroed pages at `address`, both in pages' multiples. Already mapped: exists.
int64_t space_map(uint64_t task, uint64_t address, uint64_t pages, uint64_t permissions);
int64_t space_unmap(uint64_t task, uint64_t address, uint64_t pages);
// Fills mapped memory of another task, whatever its permissions say.
int64_t space_write(uint64_t task, uint64_t address, const void *source, uint64_t length);
// Lets `child` read the pages that `parent` has in a range of `pages`; what was writable is copied when one of them
// writes (space_copy). noMemory, negated: some are shared, some not.
int64_t space_share(uint64_t parent, uint64_t child, uint64_t address, uint64_t pages);
// A page that is copied on writing becomes the task's own. notFound, negated: it is none.
int64_t space_copy(uint64_t task, uint64_t address);
// Pages that nobody uses.
uint64_t space_available(void);
// The other way: what the task could read itself.
int64_t space_read(uint64_t task, uint64_t address, void *destination, uint64_t length);

#pragma clang assume_nonnull end
