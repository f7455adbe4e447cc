// How fast a batch goes and how long it will take. Pure: time is an argument.
#pragma once
#include <chrono>
#include <deque>
#include <optional>
#include <string>

#include "base/clock.hpp"

namespace flotte::cli {

/// Looks at the last two minutes, or as many of the last endings as make a steady figure, so that a slow start or a pause is forgotten.
class RateEstimator {
 public:
  explicit RateEstimator(SteadyTime start) : start_(start) {}
  /// So many more have ended by now.
  void on_ended(std::size_t count, SteadyTime now);
  /// Per second; nothing before the first ending.
  std::optional<double> per_second(SteadyTime now) const;
  /// How long `left` will take, rounded to what can be known; nothing where the rate is not known.
  std::optional<std::chrono::seconds> time_left(std::size_t left, SteadyTime now) const;

 private:
  struct Mark {
    SteadyTime at;
    std::size_t count;
  };
  SteadyTime start_;
  std::deque<Mark> marks_;
};

/// "about 4 min", "12 s", "2 h 10 min".
std::string format_duration(std::chrono::seconds time);

}  // namespace flotte::cli
