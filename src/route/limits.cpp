// Who may call a provider now.
#include "route/limits.hpp"

#include <algorithm>

namespace flotte::route {
namespace {

/// When to look again for a call that has ended: nobody knows when that will be.
constexpr milliseconds a_moment{10};

}  // namespace

std::int64_t share(std::int64_t limit, Urgency urgency) noexcept {
  if (urgency == Urgency::interactive || limit < 2) return limit;
  return limit - std::max<std::int64_t>(1, limit * interactive_percent / 100);
}

void Limiter::use(Limits limits) noexcept {
  rpm_.store(limits.rpm, std::memory_order_relaxed);
  tpm_.store(limits.tpm, std::memory_order_relaxed);
  concurrent_.store(limits.concurrent, std::memory_order_relaxed);
}

Limits Limiter::limits() const noexcept {
  return {rpm_.load(std::memory_order_relaxed), tpm_.load(std::memory_order_relaxed), concurrent_.load(std::memory_order_relaxed)};
}

std::optional<milliseconds> Limiter::take_slot(std::int64_t most) noexcept {
  std::int64_t calls = calls_.load(std::memory_order_relaxed);
  do {
    if (calls >= most) return a_moment;
  } while (!calls_.compare_exchange_weak(calls, calls + 1, std::memory_order_relaxed));
  return std::nullopt;
}

std::optional<milliseconds> Limiter::enter(Urgency urgency, Need need, SteadyTime now, Place& place) noexcept {
  const Limits limits = this->limits();
  // Calls are counted also where they are not limited, for people to see.
  if (const auto wait = take_slot(limits.concurrent > 0 ? share(limits.concurrent, urgency) : INT64_MAX)) return wait;
  Place made;
  made.held = true;
  const std::int64_t rpm = limits.rpm > 0 ? share(limits.rpm, urgency) : INT64_MAX;
  if (const auto wait = requests_.take(1, rpm, now, made.request)) {
    calls_.fetch_sub(1, std::memory_order_relaxed);
    return wait;
  }
  if (limits.tpm > 0) {
    // What a request allows is rarely what it uses: the longest of the last answers says more.
    const std::int64_t usual = usual_output_.load(std::memory_order_relaxed);
    const std::int64_t output = need.output_tokens > 0 ? std::min(need.output_tokens, usual) : usual;
    const std::int64_t most = share(limits.tpm, urgency);
    // A call that is larger than the limit has the minute for itself; the provider may see it otherwise.
    const std::int64_t tokens = std::min(need.input_tokens + output, most);
    if (const auto wait = tokens_.take(tokens, most, now, made.tokens)) {
      undo(made, now);
      return wait;
    }
  }
  place = made;
  return std::nullopt;
}

void Limiter::leave(Place& place, std::int64_t tokens, std::int64_t output_tokens, SteadyTime now) noexcept {
  if (!place.held) return;
  place.held = false;
  calls_.fetch_sub(1, std::memory_order_relaxed);
  if (output_tokens >= 0) {
    const std::int64_t usual = usual_output_.load(std::memory_order_relaxed);
    const std::int64_t learned = output_tokens > usual ? output_tokens : usual - (usual - output_tokens) / 8;
    if (learned != usual) usual_output_.store(learned, std::memory_order_relaxed);
  }
  if (tokens < 0) return;
  if (place.tokens.amount > 0) tokens_.correct(place.tokens, tokens, now);
}

void Limiter::undo(Place& place, SteadyTime now) noexcept {
  if (!place.held) return;
  place.held = false;
  calls_.fetch_sub(1, std::memory_order_relaxed);
  requests_.correct(place.request, 0, now);
  if (place.tokens.amount > 0) tokens_.correct(place.tokens, 0, now);
}

std::int64_t Limiter::waiting() const noexcept {
  return waiting_[0].load(std::memory_order_relaxed) + waiting_[1].load(std::memory_order_relaxed);
}

bool Limiter::others_first(Urgency urgency) const noexcept { return urgency == Urgency::interactive ? people_wait() : waiting() > 0; }

json::object Limiter::use_json(SteadyTime now) noexcept {
  json::object o;
  o["requests"] = requests_.held(now);
  o["tokens"] = tokens_.held(now);
  o["calls"] = calls_.load(std::memory_order_relaxed);
  o["waiting"] = waiting();
  return o;
}

}  // namespace flotte::route
