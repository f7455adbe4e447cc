// A seed from the operating system.
#include "base/random.hpp"

#include <sys/random.h>

namespace flotte {
std::uint64_t random_seed() {
  std::uint64_t seed = 0;
  if (::getrandom(&seed, sizeof seed, 0) != sizeof seed) seed = 0x9e3779b97f4a7c15u;
  return seed;
}
}  // namespace flotte
