// The exokernel's books: one definition of what exo.h declares.
#include "exo.h"

exo_state exo;
exo_books exo_resources;
