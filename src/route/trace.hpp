// One call as the flight recorder keeps it: both sides, the targets that were asked, and why others were not. A value.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock_step.hpp"
#include "dialect/api.hpp"
#include "llm/usage.hpp"

namespace flotte::route {

/// What is kept of a call.
enum class Recording : std::uint8_t { off, heads, bodies };

/// A part of a trace's own text, so that a whole trace needs few allocations and none when it is used again.
struct Words {
  std::uint32_t at = 0, size = 0;
};

/// The first bytes of a body, and how many there were.
struct KeptBody {
  std::string text;
  std::uint64_t bytes = 0;
  bool cut() const noexcept { return text.size() < bytes; }
};

/// Why routing did not ask a target when it asked another.
enum class Left : std::uint8_t {
  asked_before,  // it has failed in this call
  not_spoken,    // it does not speak what the client speaks
  broken,        // its breaker is open
  quota,         // it has said "later" and its time is not over
  overloaded,    // the same, because it has too much to do
  spend,         // the same, because of money
  no_room,       // its limits (requests, tokens, calls at a time) leave no room now
  not_its_turn,  // the strategy prefers the one that was asked
};
std::string_view to_string(Left left) noexcept;

struct Trace {
  /// Microseconds since the call began; -1: it did not come to that.
  using Moment = std::int64_t;

  struct LeftOut {
    Words target;
    Left why{};
    std::int32_t under_way = 0;     // calls at its place then
    std::int64_t opens_in_ms = -1;  // where its breaker or quota says so
  };
  struct Attempt {
    Words target;
    Words request, answer;  // heads: a line, and one for each field
    Words error;            // what ended it without an answer
    std::int32_t under_way = 0;
    std::int32_t status = 0;  // 0: it never answered
    Moment asked = -1, answered = -1, first_piece = -1, ended = -1;
    KeptBody sent, received;
    std::uint32_t left_from = 0, left_count = 0;  // in `left`
  };

  std::string text;
  std::vector<Attempt> attempts;
  std::vector<LeftOut> left;

  WallTime at{};
  std::chrono::steady_clock::time_point began{};
  std::size_t place = 0;    // the recorder's
  std::size_t counted = 0;  // the recorder's: `bytes` at its end
  Words id, key, key_name, model, route, strategy, target, replay_of;
  Words request, answer;  // heads on the client's side
  KeptBody received, sent;
  dialect::Api api{};
  std::int64_t task = 0;
  bool stream = false, ended = false;
  std::int32_t status = 0;  // as the client got it
  Moment body_read = -1, first_byte = -1, end = -1;
  llm::Usage usage;
  std::int64_t cost_pico_usd = -1;

  std::string_view words(Words w) const noexcept { return std::string_view(text).substr(w.at, w.size); }
  Words put(std::string_view words);
  /// When the event came that is handled now. What the hub itself takes is seen at `now`.
  Moment step() const { return since(step_time()); }
  Moment now() const { return since(std::chrono::steady_clock::now()); }
  /// Memory that it holds.
  std::size_t bytes() const noexcept;
  /// As new, but with its memory.
  void clear();

 private:
  Moment since(std::chrono::steady_clock::time_point t) const {
    return std::chrono::duration_cast<std::chrono::microseconds>(t - began).count();
  }
};

}  // namespace flotte::route
