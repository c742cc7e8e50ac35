// An application that gives no page back, whoever asks: the kernel takes what it wants then.
#include "exo_library.h"

uint64_t exo_give_pages(uint64_t wanted) { return 0; }
