// The boot archive's place in the address space of whoever may read it (layout: GuestABI, Archive.swift).
#pragma once
#include <stdint.h>

// The archive's first byte.
const uint8_t *_Nonnull archive_base(void);
