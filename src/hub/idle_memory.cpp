// When, and how.
#include "hub/idle_memory.hpp"

#include <malloc.h>

#include <cstddef>
#include <ctime>

namespace flotte::hub {

bool IdleMemory::is_due(std::chrono::microseconds used) noexcept {
  const auto step = used - before_;
  before_ = used;
  if (step >= busy) rushed_ = true;
  steps_ = step <= quiet ? steps_ + 1 : 0;
  if (!rushed_ || steps_ < quiet_steps) return false;
  rushed_ = false;
  return true;
}

std::chrono::microseconds processor_time() noexcept {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_nsec / 1000);
}

}  // namespace flotte::hub

/// Only where this allocator is linked (docs/decisions/0009-allocator.md).
extern "C" __attribute__((weak)) void MallocExtension_ReleaseFreeMemory();
extern "C" __attribute__((weak)) void MallocExtension_ReleaseToSystem(std::size_t bytes);
extern "C" __attribute__((weak)) int MallocExtension_SetNumericProperty(const char* property, std::size_t value);

namespace flotte::hub {

void bound_kept_memory() noexcept {
  constexpr std::size_t most = std::size_t{1536} * 1024;  // of all threads together; its own default is 32 MiB
  if (MallocExtension_SetNumericProperty) MallocExtension_SetNumericProperty("tcmalloc.max_total_thread_cache_bytes", most);
}

void give_a_little_back() noexcept {
  constexpr std::size_t step = std::size_t{1024} * 1024;
  if (MallocExtension_ReleaseToSystem) MallocExtension_ReleaseToSystem(step);
}

void give_memory_back() noexcept {
  if (MallocExtension_ReleaseFreeMemory) return MallocExtension_ReleaseFreeMemory();
  ::malloc_trim(0);
}

}  // namespace flotte::hub
