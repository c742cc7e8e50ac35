// An application whose own files survive a crash: changes go through a journal.
#include "exo_library.h"

uint64_t exo_scratch_layout(void) { return FS_LAYOUT_JOURNALED; }
