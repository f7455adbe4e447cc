// toml++ as this program includes it, and what it must not be given.
#pragma once
// Its assertions end a debug build on malformed text such as "[&"; without them the same text is an error with its line.
#ifndef NDEBUG
#define TOML_ASSERT(expr) static_assert(true)
#endif
#include <toml++/toml.h>

#include <string_view>

#include "base/error.hpp"

namespace flotte {

/// A character beyond ASCII has no place outside quotes and comments (TOML 1.0), and toml++ 3.3 has undefined behaviour on some of them
/// there: text is looked through before it is parsed. So has a quote in the middle of a word. Error: invalid_argument with file and line.
Result<void> check_toml_characters(std::string_view text, std::string_view file_name);

}  // namespace flotte
