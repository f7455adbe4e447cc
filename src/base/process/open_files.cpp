// The limit and what it was.
#include "base/process/open_files.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <atomic>

namespace flotte {
namespace {
constexpr rlim_t most = 1'000'000;
std::atomic<std::uint64_t> before{0};
}  // namespace

std::uint64_t raise_open_files() noexcept {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  const rlim_t wanted = std::min(limit.rlim_max, most);
  if (limit.rlim_cur >= wanted) return limit.rlim_cur;
  const rlim_t old = limit.rlim_cur;
  limit.rlim_cur = wanted;
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) return old;
  before.store(old, std::memory_order_relaxed);
  return wanted;
}

std::uint64_t open_files_before() noexcept { return before.load(std::memory_order_relaxed); }

}  // namespace flotte
