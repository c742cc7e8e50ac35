// The virtual-memory manager: which ranges of a task's address space exist, and what fills them on a fault.
#pragma once
#include "env.h"
#include "fs.h"
#pragma clang assume_nonnull begin

typedef struct vm vm;

uint64_t vm_size(void);
// `files` is what mapped files are read from.
int64_t vm_init(vm *service, fs *files);
// A new task: its stack range exists from now on.
int64_t vm_attach(vm *service, uint64_t task);
void vm_detach(vm *service, uint64_t task);
// A forked task gets its parent's ranges and shares its pages; a page is copied for the first of them that writes it.
int64_t vm_fork(vm *service, uint64_t parent, uint64_t child);
// Anonymous memory; the address, or a negated error: noMemory also if there are not that many free pages now (some
// are kept back for the other tasks). `length` in bytes, rounded up to pages.
int64_t vm_map(vm *service, uint64_t client, uint64_t length);
// Memory that shows a file from `offset` (a page's multiple) on; what is written to it stays the task's own. Pages are
// read when they are touched, and beyond the file's end are zero. `file` is the client's handle, which it may close.
int64_t vm_map_file(vm *service, uint64_t client, uint64_t file, uint64_t offset, uint64_t length);
int64_t vm_unmap(vm *service, uint64_t client, uint64_t address, uint64_t length);
// Reads in what a range shows of mapped files: before a service in the kernel gets the range, which cannot wait for
// a page in the middle of a copy.
int64_t vm_prepare(vm *service, uint64_t client, uint64_t address, uint64_t length);
// `access`: 0 read, 1 write, 2 execute. 0: the access may be repeated; negated error: it was not allowed, or
// noMemory. With VM_WITHOUT_WAITING added, busy for a page that would have to be read.
int64_t vm_fault(vm *service, uint64_t task, uint64_t address, uint64_t access);

enum { VM_ACCESS_READ = 0, VM_ACCESS_WRITE = 1, VM_ACCESS_EXECUTE = 2, VM_WITHOUT_WAITING = 4 };
enum { VM_LABEL_ATTACH = 1, VM_LABEL_DETACH, VM_LABEL_MAP, VM_LABEL_UNMAP, VM_LABEL_FORK, VM_LABEL_MAP_FILE };
#pragma clang assume_nonnull end
