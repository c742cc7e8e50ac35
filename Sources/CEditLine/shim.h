// libedit, with typed wrappers for its variadic functions, which Swift cannot call.
#pragma once
#include <histedit.h>
