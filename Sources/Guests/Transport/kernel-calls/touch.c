// Touching a payload before it is offered (ipc.h).
#include "ipc.h"

void ipc_touch_for_reading(const void *address, uint64_t length) {
  if (length == 0) return;
  (void)*(const volatile uint8_t *)address;
  (void)((const volatile uint8_t *)address)[length - 1];
}

void ipc_touch_for_writing(void *address, uint64_t length) {
  if (length == 0) return;
  volatile uint8_t *first = address, *last = first + length - 1;
  *first = *first;
  *last = *last;
}
