// The virtual-memory manager: which ranges of a task's address space exist, and what fills them on a fault.
#pragma once
#include "env.h"
#pragma clang assume_nonnull begin

typedef struct vm vm;

uint64_t vm_size(void);
int64_t vm_init(vm *service);
// A new task: its stack range exists from now on.
int64_t vm_attach(vm *service, uint64_t task);
void vm_detach(vm *service, uint64_t task);
// Anonymous memory; the address, or a negated error. `length` in bytes, rounded up to pages.
int64_t vm_map(vm *service, uint64_t client, uint64_t length);
int64_t vm_unmap(vm *service, uint64_t client, uint64_t address, uint64_t length);
// `access`: 0 read, 1 write, 2 execute. 0: the access may be repeated; negated error: it was not allowed.
int64_t vm_fault(vm *service, uint64_t task, uint64_t address, uint64_t access);

enum { VM_ACCESS_READ = 0, VM_ACCESS_WRITE = 1, VM_ACCESS_EXECUTE = 2 };
enum { VM_LABEL_ATTACH = 1, VM_LABEL_DETACH, VM_LABEL_MAP, VM_LABEL_UNMAP };
#pragma clang assume_nonnull end
