// The agent's two symbols that the host looks for: where the agent waits, and the page through which it is asked.
// In C because Swift can neither align a global to a page nor name it. Nobody but the agent may call or write them.
#include <stdint.h>

// Layout: GuestABI, Mailbox.swift.
__attribute__((aligned(4096))) uint8_t agent_mailbox[4096];

// The host stops the machine at this function's first instruction and fills the mailbox before it lets it return.
__attribute__((noinline)) uint8_t *agent_park(void) {
  __asm__ volatile("" ::: "memory");
  return agent_mailbox;
}
