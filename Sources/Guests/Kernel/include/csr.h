// One accessor per control and status register, and the instructions that Swift cannot spell.
// Source: RISC-V Privileged Architecture, version 1.12, chapters 2 to 4; Sstc 1.0 for stimecmp.
#pragma once
#include <stdint.h>

#define CSR(name, number) \
  static inline uint64_t csr_read_##name(void) { \
    uint64_t value; \
    __asm__ volatile("csrr %0, " #number : "=r"(value)::"memory"); \
    return value; \
  } \
  static inline void csr_write_##name(uint64_t value) { __asm__ volatile("csrw " #number ", %0" ::"r"(value) : "memory"); } \
  static inline void csr_set_##name(uint64_t bits) { __asm__ volatile("csrs " #number ", %0" ::"r"(bits) : "memory"); } \
  static inline void csr_clear_##name(uint64_t bits) { __asm__ volatile("csrc " #number ", %0" ::"r"(bits) : "memory"); }

CSR(sstatus, 0x100)
CSR(sie, 0x104)
CSR(stvec, 0x105)
CSR(sscratch, 0x140)
CSR(sepc, 0x141)
CSR(scause, 0x142)
CSR(stval, 0x143)
CSR(sip, 0x144)
CSR(stimecmp, 0x14d)
CSR(satp, 0x180)

static inline uint64_t read_time(void) {
  uint64_t value;
  __asm__ volatile("rdtime %0" : "=r"(value));
  return value;
}

// Orders this hart's page-table writes before its later translations, for one address space or all of them.
static inline void fence_address_space(uint64_t asid) { __asm__ volatile("sfence.vma zero, %0" ::"r"(asid) : "memory"); }
static inline void fence_page(uint64_t address, uint64_t asid) {
  __asm__ volatile("sfence.vma %0, %1" ::"r"(address), "r"(asid) : "memory");
}
static inline void fence_all_address_spaces(void) { __asm__ volatile("sfence.vma" ::: "memory"); }
// Orders writes to program text before their execution.
static inline void fence_instructions(void) { __asm__ volatile("fence.i" ::: "memory"); }

static inline uint32_t register_read(uint64_t address) { return *(volatile uint32_t *)address; }
static inline void register_write(uint64_t address, uint32_t value) { *(volatile uint32_t *)address = value; }
static inline uint8_t register_read_byte(uint64_t address) { return *(volatile uint8_t *)address; }
static inline void register_write_byte(uint64_t address, uint8_t value) { *(volatile uint8_t *)address = value; }
