// The stub's state: one definition of what nic_stub.h declares.
#include "nic_stub.h"

nic_stub_state nic_stub;
