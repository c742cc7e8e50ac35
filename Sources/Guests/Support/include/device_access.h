// What a driver needs of the processor and Swift has no word for. Volatile registers are the standard library's.
// Nothing here may depend on a privilege: drivers run in the kernel and outside it.
#pragma once

// Orders all earlier accesses to memory and devices before all later ones.
static inline void device_fence(void) { __asm__ volatile("fence iorw, iorw" ::: "memory"); }
