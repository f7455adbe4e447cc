// A sliding window over endings.
#include "cli/batch/rate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace flotte::cli {
namespace {
constexpr std::chrono::minutes window{2};
constexpr std::size_t enough_marks = 16;  // a window with fewer reaches further back
constexpr std::size_t most_marks = 4096;
}  // namespace

void RateEstimator::on_ended(std::size_t count, SteadyTime now) {
  if (count == 0) return;
  marks_.push_back({now, count});
  while (marks_.size() > most_marks || (marks_.size() > enough_marks && marks_.front().at < now - window)) {
    // The oldest mark's time is where the window begins; what ended there belongs to the time before.
    start_ = marks_.front().at;
    marks_.pop_front();
  }
}

std::optional<double> RateEstimator::per_second(SteadyTime now) const {
  std::size_t ended = 0;
  for (const Mark& mark : marks_) ended += mark.count;
  const double time = std::chrono::duration<double>(now - start_).count();
  if (ended == 0 || time <= 0) return std::nullopt;
  return static_cast<double>(ended) / time;
}

std::optional<std::chrono::seconds> RateEstimator::time_left(std::size_t left, SteadyTime now) const {
  const auto rate = per_second(now);
  if (!rate) return std::nullopt;
  const double time = std::ceil(static_cast<double>(left) / *rate);
  if (time > 100.0 * 24 * 3600) return std::nullopt;
  return std::chrono::seconds(static_cast<std::int64_t>(time));
}

std::string format_duration(std::chrono::seconds time) {
  const auto s = std::max<std::int64_t>(0, time.count());
  if (s < 100) return fmt::format("{} s", s);
  if (s < 100 * 60) return fmt::format("{} min", (s + 30) / 60);
  const auto minutes = (s + 30) / 60;
  return fmt::format("{} h {:02} min", minutes / 60, minutes % 60);
}

}  // namespace flotte::cli
