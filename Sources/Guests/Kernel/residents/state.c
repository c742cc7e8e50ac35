// The movable services: one definition of what residents.h declares.
#include "residents.h"

residents_state residents;
