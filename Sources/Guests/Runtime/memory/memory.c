// The memory functions that a compiler may call for any code. Callers of memcpy must not overlap.
#include <stddef.h>
#include <stdint.h>

// Keeps the compiler from recognising these loops as calls to themselves.
#define OWN_LOOP __attribute__((no_builtin))

OWN_LOOP void *memset(void *destination, int value, size_t count) {
  uint8_t *bytes = destination;
  uint64_t pattern = 0x0101010101010101u * (uint8_t)value;
  while (count > 0 && ((uintptr_t)bytes & 7)) *bytes++ = (uint8_t)value, count--;
  // Most of what is set are pages: eight words at a time.
  for (; count >= 64; count -= 64, bytes += 64) {
    uint64_t *words = (uint64_t *)bytes;
    words[0] = pattern, words[1] = pattern, words[2] = pattern, words[3] = pattern;
    words[4] = pattern, words[5] = pattern, words[6] = pattern, words[7] = pattern;
  }
  for (; count >= 8; count -= 8, bytes += 8) *(uint64_t *)bytes = pattern;
  while (count-- > 0) *bytes++ = (uint8_t)value;
  return destination;
}

OWN_LOOP void *memcpy(void *restrict destination, const void *restrict source, size_t count) {
  uint8_t *to = destination;
  const uint8_t *from = source;
  if ((((uintptr_t)to ^ (uintptr_t)from) & 7) == 0) {
    while (count > 0 && ((uintptr_t)to & 7)) *to++ = *from++, count--;
    for (; count >= 64; count -= 64, to += 64, from += 64) {
      uint64_t *restrict target = (uint64_t *)to;
      const uint64_t *restrict words = (const uint64_t *)from;
      target[0] = words[0], target[1] = words[1], target[2] = words[2], target[3] = words[3];
      target[4] = words[4], target[5] = words[5], target[6] = words[6], target[7] = words[7];
    }
    for (; count >= 8; count -= 8, to += 8, from += 8) *(uint64_t *)to = *(const uint64_t *)from;
  }
  while (count-- > 0) *to++ = *from++;
  return destination;
}

OWN_LOOP void *memmove(void *destination, const void *source, size_t count) {
  uint8_t *to = destination;
  const uint8_t *from = source;
  if (to <= from || to >= from + count) return memcpy(destination, source, count);
  while (count-- > 0) to[count] = from[count];
  return destination;
}

OWN_LOOP int memcmp(const void *left, const void *right, size_t count) {
  const uint8_t *a = left, *b = right;
  for (; count-- > 0; a++, b++)
    if (*a != *b) return *a - *b;
  return 0;
}

// The language runtime names an allocator that no guest object calls. A call is a defect: stop at once.
int posix_memalign(void **result, size_t alignment, size_t size) { __builtin_trap(); }
void free(void *address) { __builtin_trap(); }
