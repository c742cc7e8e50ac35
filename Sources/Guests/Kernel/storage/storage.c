// The kernel's state: one definition of what kernel.h declares.
#include "kernel.h"

kernel_state kernel;
kernel_options_state kernel_options;
task kernel_tasks[TASK_COUNT];
endpoint kernel_endpoints[ENDPOINT_COUNT];
