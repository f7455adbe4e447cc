// Workers in one planning.
#include "fleet/detail/seating.hpp"

namespace flotte::fleet::detail {

bool Seating::less_busy(const Slots& a, const Slots& b) {
  // Shares of their slots, compared without division; then the quieter machine.
  const int left = a.busy * b.slots, right = b.busy * a.slots;
  return left != right ? left < right : loads_[a.node].busy < loads_[b.node].busy;
}

Seating::Fitting& Seating::fitting(const Need& need, const std::string& text) {
  const auto [it, fresh] = fitting_.try_emplace(text);
  if (!fresh) return it->second;
  if (free_ < 0) {
    free_ = 0;
    for (const Slots& w : workers_) free_ += w.resting || w.busy >= w.slots ? 0 : w.slots - w.busy;
  }
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    const Slots& w = workers_[i];
    if (w.busy < w.slots && !w.resting && compare(need, *w.place) == Mismatch::none) it->second.workers.push_back(i);
  }
  return it->second;
}

std::optional<std::size_t> Seating::seat(const Need& need, const std::string& text) {
  Fitting& fit = fitting(need, text);
  if (fit.none_left) return std::nullopt;
  std::optional<std::size_t> best;
  std::optional<std::int64_t> wanted;
  for (const std::size_t i : fit.workers) {
    const Slots& w = workers_[i];
    if (w.busy >= w.slots || reserved_.contains(w.node)) continue;
    const NodeLoad& load = loads_[w.node];
    const bool alone = need.exclusive || w.exclusive;
    if (load.alone || (alone && load.busy > 0)) {
      if (alone && (!wanted || load.busy < loads_[*wanted].busy)) wanted = w.node;
      continue;
    }
    if (!best || less_busy(w, workers_[*best])) best = i;
  }
  if (!best) {
    if (wanted) reserved_.insert(*wanted);
    fit.none_left = true;
    return std::nullopt;
  }
  Slots& taken = workers_[*best];
  ++taken.busy;
  --free_;
  ++loads_[taken.node].busy;
  if (need.exclusive || taken.exclusive) loads_[taken.node].alone = true;
  return best;
}

}  // namespace flotte::fleet::detail
