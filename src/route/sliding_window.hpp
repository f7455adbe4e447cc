// How much was used within the last minute: a sum over small pieces of time, shared by all loops without a lock. The time comes in as an
// argument.
#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <optional>

#include "base/clock.hpp"

namespace flotte::route {

/// Never lets more through within any `window` than asked for; a unit counts for `window` and up to a hundredth longer, so that neither the
/// pieces nor the way to a provider's own clock make one too many.
class SlidingWindow {
 public:
  explicit SlidingWindow(milliseconds window = milliseconds(60'000)) noexcept;

  /// What was taken and when, to be corrected later.
  struct Taken {
    std::int64_t amount = 0;
    std::int64_t piece = 0;
  };

  /// Takes `amount`, where it fits into `most` together with what the window holds. Otherwise the time after which it may fit, if nobody
  /// else comes: at least one millisecond. `amount` over `most` never fits.
  std::optional<milliseconds> take(std::int64_t amount, std::int64_t most, SteadyTime now, Taken& taken) noexcept;
  /// It was `actual` instead. More than was taken counts from now on, whether it fits or not.
  void correct(const Taken& taken, std::int64_t actual, SteadyTime now) noexcept;
  /// In the window now.
  std::int64_t held(SteadyTime now) noexcept;

 private:
  static constexpr std::int64_t pieces = 120;       // of a window
  static constexpr std::int64_t kept = pieces + 2;  // until a piece no longer counts
  static constexpr std::int64_t slots = 128;
  /// The piece's number in the upper half, what it holds in the lower one.
  using Slot = std::atomic<std::uint64_t>;

  std::int64_t piece_at(SteadyTime now) const noexcept { return now.time_since_epoch().count() / piece_ms_; }
  void add(std::int64_t piece, std::int64_t amount) noexcept;
  void forget(std::int64_t until) noexcept;
  milliseconds wait(std::int64_t amount, SteadyTime now) const noexcept;

  const std::int64_t piece_ms_;
  std::atomic<std::int64_t> sum_{0};
  std::atomic<std::int64_t> forgotten_{0};  // pieces up to this one no longer count
  std::array<Slot, slots> slots_{};
};

}  // namespace flotte::route
