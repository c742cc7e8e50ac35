// The unikernel's state: one definition of what uni.h declares.
#include "uni.h"

uni_state uni;
