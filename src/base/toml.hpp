// toml++ as this program includes it. Its assertions end the process on malformed text such as "[&" in a debug build; without them the same
// text is an error with its line, which is what a person needs.
#pragma once
#ifndef NDEBUG
#define TOML_ASSERT(expr) static_assert(true)
#endif
#include <toml++/toml.h>
