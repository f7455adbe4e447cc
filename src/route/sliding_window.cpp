// The window's pieces. `sum_` is what the slots hold and what is on its way into one.
#include "route/sliding_window.hpp"

#include <algorithm>

namespace flotte::route {
namespace {

constexpr std::uint64_t pack(std::int64_t piece, std::int64_t amount) {
  return static_cast<std::uint64_t>(piece) << 32 | static_cast<std::uint32_t>(amount);
}
constexpr std::int64_t piece_of(std::uint64_t slot) { return static_cast<std::int64_t>(slot >> 32); }
constexpr std::int64_t amount_of(std::uint64_t slot) { return static_cast<std::int64_t>(slot & 0xFFFF'FFFF); }
constexpr std::int64_t most_of_a_slot = 0xFFFF'FFFF;

}  // namespace

SlidingWindow::SlidingWindow(milliseconds window) noexcept : piece_ms_(std::max<std::int64_t>(1, window.count() / pieces)) {}

std::optional<milliseconds> SlidingWindow::take(std::int64_t amount, std::int64_t most, SteadyTime now, Taken& taken) noexcept {
  const std::int64_t piece = piece_at(now);
  forget(piece - kept);
  std::int64_t sum = sum_.load(std::memory_order_relaxed);
  do {
    if (sum + amount > most) return wait(sum + amount - most, now);
  } while (!sum_.compare_exchange_weak(sum, sum + amount, std::memory_order_relaxed));
  add(piece, amount);
  taken = {amount, piece};
  return std::nullopt;
}

void SlidingWindow::correct(const Taken& taken, std::int64_t actual, SteadyTime now) noexcept {
  if (actual > taken.amount) {
    const std::int64_t more = std::min(actual - taken.amount, most_of_a_slot);
    const std::int64_t piece = piece_at(now);
    forget(piece - kept);
    sum_.fetch_add(more, std::memory_order_relaxed);
    add(piece, more);
    return;
  }
  Slot& slot = slots_[static_cast<std::size_t>(taken.piece % slots)];
  std::uint64_t value = slot.load(std::memory_order_relaxed);
  for (;;) {
    if (piece_of(value) != taken.piece) return;  // no longer counted
    const std::int64_t less = std::min(taken.amount - actual, amount_of(value));
    if (less <= 0) return;
    if (!slot.compare_exchange_weak(value, pack(taken.piece, amount_of(value) - less), std::memory_order_relaxed)) continue;
    sum_.fetch_sub(less, std::memory_order_relaxed);
    return;
  }
}

std::int64_t SlidingWindow::held(SteadyTime now) noexcept {
  forget(piece_at(now) - kept);
  return sum_.load(std::memory_order_relaxed);
}

void SlidingWindow::add(std::int64_t piece, std::int64_t amount) noexcept {
  Slot& slot = slots_[static_cast<std::size_t>(piece % slots)];
  std::uint64_t value = slot.load(std::memory_order_relaxed);
  for (;;) {
    // An older piece's rest was never forgotten (nobody asked for long); a newer one's means that this thread was held up for long.
    const bool older = piece_of(value) < piece;
    const std::int64_t before = older ? 0 : amount_of(value);
    const std::int64_t after = std::min(before + amount, most_of_a_slot);
    if (!slot.compare_exchange_weak(value, pack(std::max(piece, piece_of(value)), after), std::memory_order_relaxed)) continue;
    const std::int64_t lost = (older ? amount_of(value) : 0) + (before + amount - after);
    if (lost != 0) sum_.fetch_sub(lost, std::memory_order_relaxed);
    return;
  }
}

void SlidingWindow::forget(std::int64_t until) noexcept {
  std::int64_t done = forgotten_.load(std::memory_order_relaxed);
  while (done < until) {
    // After a long pause every slot is looked at once.
    const std::int64_t next = std::max(done + 1, until - slots + 1);
    Slot& slot = slots_[static_cast<std::size_t>(next % slots)];
    std::uint64_t value = slot.load(std::memory_order_relaxed);
    while (piece_of(value) <= next && amount_of(value) != 0) {
      if (!slot.compare_exchange_weak(value, pack(piece_of(value), 0), std::memory_order_relaxed)) continue;
      sum_.fetch_sub(amount_of(value), std::memory_order_relaxed);
      break;
    }
    if (forgotten_.compare_exchange_weak(done, next, std::memory_order_relaxed)) done = next;
  }
}

milliseconds SlidingWindow::wait(std::int64_t amount, SteadyTime now) const noexcept {
  const std::int64_t piece = piece_at(now);
  std::int64_t freed = 0, until = piece + kept;
  for (std::int64_t old = piece - kept + 1; old <= piece; ++old) {
    if (old < 0) continue;
    const std::uint64_t value = slots_[static_cast<std::size_t>(old % slots)].load(std::memory_order_relaxed);
    if (piece_of(value) == old) freed += amount_of(value);
    if (freed < amount) continue;
    until = old + kept;
    break;
  }
  return milliseconds(std::max<std::int64_t>(1, until * piece_ms_ - now.time_since_epoch().count()));
}

}  // namespace flotte::route
