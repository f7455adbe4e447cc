// A false belief of ours ends the process, also in release builds: a wrong answer would be worse.
#pragma once

namespace flotte::detail {
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line) noexcept;
}
#define FLOTTE_ASSERT(expression) \
  (static_cast<bool>(expression) ? void(0) : ::flotte::detail::assertion_failed(#expression, __FILE__, __LINE__))
