// The kernel's modules: one definition of what modules_state.h declares.
#include "modules_state.h"

modules_state modules;
