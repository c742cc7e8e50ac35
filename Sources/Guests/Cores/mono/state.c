// The monolithic kernel's state: one definition of what mono.h declares.
#include "mono.h"

mono_state mono;
