// Memory that was needed for a rush goes back to the machine when the hub has been quiet for a while: the allocator keeps it otherwise.
#pragma once
#include <chrono>

namespace flotte::hub {

/// Decides by how much processor time the process has used; pure.
class IdleMemory {
 public:
  /// Once a second, with the process's processor time so far. True: now, once after each busy time.
  bool is_due(std::chrono::microseconds used) noexcept;

 private:
  static constexpr int quiet_steps = 10;
  static constexpr std::chrono::microseconds busy{50'000};   // of a second: a rush
  static constexpr std::chrono::microseconds quiet{10'000};  // of a second
  std::chrono::microseconds before_{0};
  int steps_ = 0;
  bool rushed_ = false;
};

/// Of this process, all threads.
std::chrono::microseconds processor_time() noexcept;
/// Bounds what the allocator keeps for each thread, so that a busy hub does not grow for as long as it runs. Once, at the start.
void bound_kept_memory() noexcept;
/// Gives at most a megabyte of free pages back. Quick; once a second.
void give_a_little_back() noexcept;
/// Gives free pages back. Takes some milliseconds of a large heap, during which allocations wait.
void give_memory_back() noexcept;

}  // namespace flotte::hub
