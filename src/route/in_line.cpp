// Lines of calls that wait.
#include "route/detail/in_line.hpp"

#include <algorithm>

namespace flotte::route::detail {
namespace {

/// Who is not the first anywhere looks now and then whether its client is still there.
constexpr milliseconds glance{250};
constexpr milliseconds least{2}, most{50};

std::size_t index(Urgency urgency) { return urgency == Urgency::interactive ? 0 : 1; }

}  // namespace

InLine::InLine(Lines& lines, Executor executor, Urgency urgency, Account* account, SteadyTime now)
    : lines_(lines), urgency_(urgency), account_(account), began_(now), moved_up_(executor) {
  if (account_) ++account_->waiting;
  ++lines_.size_;
}

InLine::~InLine() {
  while (!limiters_.empty()) leave(*limiters_.back());
  if (account_) --account_->waiting;
  --lines_.size_;
}

bool InLine::stands_at(const Limiter& limiter) const noexcept {
  return std::find(limiters_.begin(), limiters_.end(), &limiter) != limiters_.end();
}

void InLine::join(Limiter& limiter) {
  if (stands_at(limiter)) return;
  limiters_.push_back(&limiter);
  lines_.lines_[&limiter][index(urgency_)].push_back(this);
  limiter.begin_waiting(urgency_);
}

void InLine::leave(Limiter& limiter) {
  const auto mine = std::find(limiters_.begin(), limiters_.end(), &limiter);
  if (mine == limiters_.end()) return;
  limiters_.erase(mine);
  limiter.end_waiting(urgency_);
  const auto lines = lines_.lines_.find(&limiter);
  auto& line = lines->second[index(urgency_)];
  const bool was_first = line.front() == this;
  line.erase(std::find(line.begin(), line.end(), this));
  if (was_first && !line.empty()) line.front()->moved_up_.set();
  if (lines->second[0].empty() && lines->second[1].empty()) lines_.lines_.erase(lines);
}

bool InLine::first(const Limiter& limiter) const noexcept {
  if (!stands_at(limiter)) return !limiter.others_first(urgency_);
  if (urgency_ == Urgency::task && limiter.people_wait()) return false;
  return lines_.lines_.find(const_cast<Limiter*>(&limiter))->second[index(urgency_)].front() == this;
}

bool InLine::first_anywhere() const noexcept {
  return limiters_.empty() || std::any_of(limiters_.begin(), limiters_.end(), [this](const Limiter* limiter) { return first(*limiter); });
}

Awaitable<bool> InLine::pause(milliseconds at_most) {
  const milliseconds time = first_anywhere() ? std::clamp(at_most, least, most) : glance;
  (void)co_await moved_up_.wait_for(time);
  if (moved_up_.is_set()) moved_up_.reset();
  const auto cancellation = co_await asio::this_coro::cancellation_state;
  co_return cancellation.cancelled() == asio::cancellation_type::none;
}

}  // namespace flotte::route::detail
