// What happens to a stream while nothing is heard: comments to the client, and the end of patience with the target.
#include <algorithm>

#include "base/assert.hpp"
#include "dialect/ollama/load.hpp"
#include "route/detail/exchange.hpp"
#include "route/headers.hpp"

namespace flotte::route::detail {

void Watch::add(Watched& watched) {
  watched.place_ = all_.size();
  all_.push_back(&watched);
  if (running_) return;
  running_ = true;
  scope_.spawn("watch", run());
}

void Watch::remove(Watched& watched) {
  FLOTTE_ASSERT(watched.place_ < all_.size() && all_[watched.place_] == &watched);
  all_.back()->place_ = watched.place_;
  std::swap(all_[watched.place_], all_.back());
  all_.pop_back();
}

Awaitable<void> Watch::run() {
  while (!all_.empty()) {
    if (!co_await sleep_for(period_)) break;
    const SteadyTime now = clock_.steady();
    // By place: on_tick may end no call itself, it only asks for that.
    for (std::size_t i = 0; i < all_.size(); ++i) all_[i]->on_tick(now);
  }
  running_ = false;
}

void Exchange::on_tick(SteadyTime now) {
  if (journalled_ && journalled_->reads_on && state_.draining) return stop_reading_on();
  if (phase_ == Phase::none || sending_ || commenting_ || unwanted()) return;
  const Timeouts& timeouts = target_->upstream->timeouts;
  if (started_ ? now - heard_at_ > timeouts.idle : now - asked_at_ > timeouts.first_token) {
    timed_out_ = true;
    cancel_->cancel();
    return;
  }
  // Lines of JSON have no comments; a piece without words is one only where the answer is written here anyway.
  if (api_.form == dialect::StreamForm::ollama && !translated_) return;
  if (!comments_ || !at_boundary_ || now - sent_at_ < state_.options.keep_alive || call_.gone()) return;
  commenting_ = true;
  state_.scope.spawn("sse comment", send_comment());
}

/// Runs beside the call's own coroutine, which waits for its end (comment_sent) before it writes or ends.
Awaitable<void> Exchange::send_comment() {
  Result<void> sent;
  if (!call_.started()) {
    // The target still thinks. The client hears that somebody is there; another target can still be asked, and an error becomes an event.
    http::ResponseHead head = own_head(200, stream_type(api_, false));
    head.headers.add("Cache-Control", "no-cache");
    head.headers.add("x-flotte-target", target_->name);
    sent = co_await call_.start(std::move(head));
  }
  const std::string bytes = comment();
  if (sent) sent = co_await call_.write(bytes);
  if (!sent) on_left();
  sent_at_ = state_.clock.steady();
  commenting_ = false;
  if (comment_done_) comment_done_->set();
}

/// Gemini's clients take a comment for data; a blank line is no event either.
std::string Exchange::comment() const {
  if (api_.form == dialect::StreamForm::gemini) return "\r\n";
  if (api_.form != dialect::StreamForm::ollama) return ": keep-alive\n\n";
  return dialect::ollama::write_pause(api_.format, {.model = target_->model, .at_s = to_ms(state_.clock.wall()) / 1'000});
}

Awaitable<void> Exchange::comment_sent() {
  while (commenting_) {
    comment_done_.emplace(state_.executor);
    const bool done = co_await comment_done_->wait();  // on a line of its own: g++ 12 lays this frame out wrongly otherwise
    if (!done) break;
  }
}

}  // namespace flotte::route::detail
