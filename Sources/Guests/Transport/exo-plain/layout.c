// An application whose own files are gone with it anyway: no journal, so each block is written once.
#include "exo_library.h"

uint64_t exo_scratch_layout(void) { return FS_LAYOUT_PLAIN; }
