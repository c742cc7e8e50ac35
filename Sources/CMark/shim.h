// The reference CommonMark parser, for lesson documents.
#pragma once
#include <cmark.h>
