// Filling a call's trace, and handing its end to those who count.
#include "route/detail/sighting.hpp"

#include <algorithm>

#include "route/detail/exchange.hpp"

namespace flotte::route {

void LastCall::set(const CallEnd& end) {
  request_id.assign(end.request_id);
  model.assign(end.model);
  target.assign(end.target ? std::string_view(end.target->name) : std::string_view());
  usage = end.usage;
}

namespace detail {
namespace {

std::int32_t calls_at(const Target& target) noexcept { return target.load ? target.load->in_flight.load(std::memory_order_relaxed) : 0; }

Left left_because(Closed closed) noexcept {
  switch (closed) {
    case Closed::broken: return Left::broken;
    case Closed::quota: return Left::quota;
    case Closed::overloaded: return Left::overloaded;
    case Closed::spend: return Left::spend;
  }
  return Left::broken;
}

/// Why a target is not asked now that has not been tried in this call. The one that is asked is nobody's question.
void say_why(Trace::LeftOut& left, const Target& target, SteadyTime now) {
  left.why = Left::not_its_turn;
  for (const Health* health : {target.health.get(), target.place_health.get()}) {
    if (!health || !closed(*health, now)) continue;
    const std::int64_t until = health->closed_until_ms.load(std::memory_order_relaxed);
    left.why = left_because(health->why.load(std::memory_order_relaxed));
    left.opens_in_ms = std::max({left.opens_in_ms, until - now.time_since_epoch().count(), std::int64_t{0}});
  }
}

}  // namespace

Sighting::Sighting(GatewayState& state, http::ServerCall& call, const Caller& caller, dialect::Api api, std::string_view request_id)
    : state_(state), call_(call) {
  if (state.recorder.recording() == Recording::off) return;
  trace_ = &state.recorder.begin();
  trace_->id = trace_->put(request_id);
  trace_->key = trace_->put(caller.key_id);
  trace_->key_name = trace_->put(caller.name);
  trace_->task = caller.run ? caller.run->task : 0;
  trace_->api = api;
  trace_->request = put_head(*trace_, call.head());
  watched_.emplace(call, state.recorder, *trace_);
}

Sighting::~Sighting() {
  if (!trace_) return;
  trace_->end = trace_->now();
  if (!trace_->attempts.empty() && trace_->attempts.back().ended < 0) trace_->attempts.back().ended = trace_->end;
  state_.recorder.end(*trace_);
}

void Sighting::keep_request(std::string_view model, const Route& route, bool stream) {
  trace_->body_read = trace_->step();
  trace_->model = trace_->put(model);
  trace_->route = trace_->put(route.name);
  trace_->strategy = trace_->put(to_string(route.strategy));
  trace_->stream = stream;
  if (trace_->received.bytes == 0) trace_->received.bytes = call_.content_length().value_or(0);
}

void Sighting::keep_choice(const Route& route, Tried tried, std::size_t chosen, SteadyTime now) {
  Trace::Attempt& attempt = trace_->attempts.emplace_back();
  const Target& target = route.targets[chosen];
  attempt.target = trace_->put(target.name);
  attempt.under_way = calls_at(target);
  attempt.left_from = static_cast<std::uint32_t>(trace_->left.size());
  for (std::size_t i = 0; i < route.targets.size(); ++i) {
    if (i == chosen) continue;
    bool asked = false;
    for (const Trace::Attempt& before : trace_->attempts) asked |= trace_->words(before.target) == route.targets[i].name;
    const Target& other = route.targets[i];
    Trace::LeftOut left{.target = trace_->put(other.name), .under_way = calls_at(other)};
    const Tried bit = i < 64 ? Tried{1} << i : 0;
    if ((tried & bit) == 0)
      say_why(left, other, now);
    else
      left.why = asked ? Left::asked_before : (not_spoken_ & bit) != 0 ? Left::not_spoken : Left::no_room;
    trace_->left.push_back(left);
  }
  attempt.left_count = static_cast<std::uint32_t>(trace_->left.size()) - attempt.left_from;
}

void Sighting::keep_asked(const http::RequestHead& head, std::string_view body) {
  if (trace_->attempts.empty()) return;
  Trace::Attempt& attempt = trace_->attempts.back();
  attempt.request = put_head(*trace_, head);
  attempt.asked = trace_->now();
  state_.recorder.keep(attempt.sent, body);
}

void Sighting::keep_answered(std::unique_ptr<http::ClientCall>& upstream) {
  if (trace_->attempts.empty()) return;
  Trace::Attempt& attempt = trace_->attempts.back();
  attempt.answer = put_head(*trace_, upstream->head());
  attempt.status = upstream->head().status;
  attempt.answered = trace_->step();
  if (state_.recorder.recording() == Recording::bodies)
    upstream = std::make_unique<WatchedAnswer>(std::move(upstream), state_.recorder, *trace_);
}

void Sighting::keep_failed(const Error& error) {
  if (trace_->attempts.empty()) return;
  Trace::Attempt& attempt = trace_->attempts.back();
  attempt.error = trace_->put(error.message);
  attempt.ended = trace_->now();
}

void Sighting::on_end(const CallEnd& end) {
  state_.metrics.on_end(end);
  if (state_.options.note_last) state_.last.set(end);
  if (!trace_) return;
  if (end.target) trace_->target = trace_->put(end.target->name);
  if (trace_->model.size == 0) trace_->model = trace_->put(end.model);
  trace_->status = end.status;
  trace_->usage = end.usage;
  trace_->cost_pico_usd = end.cost_pico_usd.value_or(-1);
}

/// The exchange's view of its own end.
void Exchange::see_end() {
  CallEnd end{.request_id = request_id_,
              .model = model_,
              .route = route_.get(),
              .target = target_,
              .api = api_.api,
              .stream = stream_,
              .status = status_ == 0 ? 499 : status_,
              .usage = usage_,
              .began = started_at_,
              .first_byte = first_byte_at_,
              .ended = state_.clock.steady()};
  if (target_) end.cost_pico_usd = cost();
  const bool refused = end.status >= 400 && end.status != 499 && end.status != 504 && first_byte_at_ == SteadyTime{};
  if (refused && !end.cost_pico_usd) end.cost_pico_usd = 0;
  sight_.on_end(end);
}

}  // namespace detail
}  // namespace flotte::route
