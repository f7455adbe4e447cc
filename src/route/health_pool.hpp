// The health of targets that clients make up as they go (provider/model): a bounded number of them, found by name without a lock.
#pragma once
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "route/target.hpp"

namespace flotte::route {

class HealthPool {
 public:
  static constexpr std::size_t size = 1024;

  /// The one that belongs to the name with this hash, the same each time. A name keeps its place for ever; when some sixteen neighbours are
  /// taken, which is when the pool is nearly full, a newcomer shares one: what is said of one of the two then closes the other as well.
  /// From any thread.
  Health& find(std::uint64_t hash) noexcept {
    const std::uint64_t owner = hash == 0 ? 1 : hash;
    for (std::size_t i = 0; i < tries; ++i) {
      Slot& slot = slots_[(hash + i) % size];
      std::uint64_t there = slot.owner.load(std::memory_order_relaxed);
      if (there == 0 && slot.owner.compare_exchange_strong(there, owner, std::memory_order_relaxed)) return slot.health;
      if (there == owner) return slot.health;
    }
    return slots_[hash % size].health;
  }

 private:
  static constexpr std::size_t tries = 16;
  struct Slot {
    std::atomic<std::uint64_t> owner{0};
    Health health;
  };
  std::array<Slot, size> slots_;
};

}  // namespace flotte::route
