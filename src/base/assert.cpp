// Prints the false belief and ends the process.
#include "base/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace flotte::detail {
void assertion_failed(const char* expression, const char* file, int line) noexcept {
  std::fprintf(stderr, "flotte: bug: %s is false at %s:%d\n", expression, file, line);
  std::abort();
}
}  // namespace flotte::detail
