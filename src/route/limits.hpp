// What a provider allows, and who may call it now: requests and tokens per minute, calls at the same time. One limiter per provider, shared
// by all loops without a lock; the time comes in as an argument. Calls of people come before calls of tasks.
#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <optional>

#include "base/clock.hpp"
#include "base/json.hpp"
#include "route/sliding_window.hpp"

namespace flotte::route {

/// 0: no limit known.
struct Limits {
  std::int64_t rpm = 0, tpm = 0, concurrent = 0;
  bool any() const noexcept { return rpm > 0 || tpm > 0 || concurrent > 0; }
  bool operator==(const Limits&) const = default;
};

enum class Urgency : std::uint8_t { interactive, task };

/// So much of a limit above one is free for people at every moment: tasks get the rest, at least one. Of the requests it is little, because
/// tasks make theirs one after another and what becomes free goes to people first; a call that runs keeps its place for long.
inline constexpr std::int64_t requests_percent = 5, tokens_percent = 10, calls_percent = 20;

class Limiter {
 public:
  explicit Limiter(Limits limits, milliseconds window = milliseconds(60'000)) noexcept
      : window_(window), requests_(window), tokens_(window) {
    use(limits);
  }
  /// Other limits from now on; what was used stays used.
  void use(Limits limits) noexcept;
  Limits limits() const noexcept;

  /// The place of one call. Left exactly once.
  struct Place {
    bool held = false;
    SlidingWindow::Taken request, tokens;
  };
  /// What a call will use: its input, and the most that it asks for (0: it does not say).
  struct Need {
    std::int64_t input_tokens = 0, output_tokens = 0;
  };
  /// Nothing: it may go, and has its place. Else the time after which to ask again at the earliest.
  std::optional<milliseconds> enter(Urgency urgency, Need need, SteadyTime now, Place& place) noexcept;
  /// It has ended with so many tokens; negative: nobody knows, and what was estimated counts.
  void leave(Place& place, std::int64_t tokens, std::int64_t output_tokens, SteadyTime now) noexcept;
  /// It was not made after all.
  void undo(Place& place, SteadyTime now) noexcept;

  // Those who wait, so that nobody who comes later goes first.
  void begin_waiting(Urgency urgency) noexcept { waiting_[index(urgency)].fetch_add(1, std::memory_order_relaxed); }
  void end_waiting(Urgency urgency) noexcept { waiting_[index(urgency)].fetch_sub(1, std::memory_order_relaxed); }
  std::int64_t waiting() const noexcept;
  /// Somebody who waits has to be served before a newcomer of that urgency.
  bool others_first(Urgency urgency) const noexcept;
  /// The same among those who wait.
  bool people_wait() const noexcept { return waiting_[0].load(std::memory_order_relaxed) > 0; }

  /// How many tasks could make a call now, and how many more may stand in line so that nothing is idle until somebody looks again; fewer
  /// than 0 where too many stand there. Needs a limit.
  std::int64_t room(SteadyTime now) noexcept;

  /// {requests, tokens, calls, waiting}: within the window, and now.
  json::object use_json(SteadyTime now) noexcept;

 private:
  static std::size_t index(Urgency urgency) noexcept { return urgency == Urgency::interactive ? 0 : 1; }
  std::optional<milliseconds> take_slot(std::int64_t most) noexcept;

  std::optional<milliseconds> pace(std::int64_t rpm, Urgency urgency, SteadyTime now) noexcept;

  const milliseconds window_;
  std::atomic<std::int64_t> rpm_{0}, tpm_{0}, concurrent_{0};
  std::atomic<std::int64_t> paid_until_us_{0};  // steady: by then the requests of tasks so far are spread over the window
  SlidingWindow requests_, tokens_;
  std::atomic<std::int64_t> calls_{0};
  std::atomic<std::int64_t> usual_output_{1'000};
  std::array<std::atomic<std::int64_t>, 2> waiting_{};
};

/// Of a limit, for that urgency, where `percent` of it are left to people.
std::int64_t share(std::int64_t limit, Urgency urgency, std::int64_t percent) noexcept;

}  // namespace flotte::route
