// The life of an engine's process.
#include "engine/lifecycle.hpp"

#include <algorithm>

namespace flotte::engine {

Lifecycle::Next Lifecycle::next() const {
  switch (state_) {
    case State::waiting: return {Action::launch, next_};
    case State::starting:
    case State::ready: return {Action::probe, next_};
    case State::ending: return {Action::end, next_};
    case State::stopped: break;
  }
  return {Action::nothing, next_};
}

void Lifecycle::on_launched(Time now) {
  state_ = State::starting;
  since_ = now;
  hung_ = false;
  failed_probes_ = 0;
  probe_gap_ = limits_.start_probe;
  next_ = now + probe_gap_;
}

void Lifecycle::on_gone(Time now) {
  const bool was_steady = state_ == State::ready && now - since_ >= limits_.steady;
  if (stopping_) {
    state_ = State::stopped;
    return;
  }
  backoff_ = was_steady || backoff_.count() == 0 ? limits_.first_backoff : std::min(backoff_ * 2, limits_.most_backoff);
  state_ = State::waiting;
  since_ = now;
  next_ = now + backoff_;
}

void Lifecycle::end(Time now) {
  state_ = State::ending;
  since_ = now;
  next_ = now;
}

void Lifecycle::on_probe(bool healthy, Time now) {
  if (state_ == State::starting) {
    probe_gap_ = std::min(probe_gap_ * 3 / 2, limits_.most_start_probe);
    next_ = now + probe_gap_;
    if (healthy) {
      state_ = State::ready;
      since_ = now;
      next_ = now + limits_.ready_probe;
    } else if (now - since_ >= limits_.start_patience) {
      hung_ = true;
      end(now);
    }
  } else if (state_ == State::ready) {
    failed_probes_ = healthy ? 0 : failed_probes_ + 1;
    next_ = now + limits_.ready_probe;
    if (failed_probes_ < limits_.failed_probes) return;
    hung_ = true;
    end(now);
  }
}

void Lifecycle::on_stop(Time now) {
  if (stopping_) return;
  stopping_ = true;
  if (state_ == State::waiting)
    state_ = State::stopped;
  else if (state_ != State::stopped)
    end(now);
}

}  // namespace flotte::engine
