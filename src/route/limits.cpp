// Who may call a provider now.
#include "route/limits.hpp"

#include <algorithm>

namespace flotte::route {
namespace {

/// When to look again for a call that has ended: nobody knows when that will be.
constexpr milliseconds a_moment{10};
/// So many requests of tasks may be made at once, as a part of what the window allows.
constexpr std::int64_t at_once(std::int64_t rpm) { return std::max<std::int64_t>(1, rpm / 20); }

/// From one request of tasks to the next, in microseconds; never nothing, however high the limit.
constexpr std::int64_t apart(milliseconds window, std::int64_t rpm) { return std::max<std::int64_t>(1, window.count() * 1'000 / rpm); }

std::int64_t us(SteadyTime time) { return time.time_since_epoch().count() * 1'000; }

}  // namespace

std::int64_t share(std::int64_t limit, Urgency urgency, std::int64_t percent) noexcept {
  if (urgency == Urgency::interactive || limit < 2) return limit;
  return limit - std::max<std::int64_t>(1, limit * percent / 100);
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

/// Tasks make their requests evenly: a herd would use up in a second what people need within the minute, and providers count in shorter
/// windows than they say.
/// What people ask is taken off the tasks' pace, so that the window does not fill up and nobody has to wait for its oldest request to leave
/// it.
std::optional<milliseconds> Limiter::pace(std::int64_t rpm, Urgency urgency, SteadyTime now) noexcept {
  const std::int64_t each = apart(window_, rpm);
  const std::int64_t ahead = each * (at_once(rpm) - 1);
  std::int64_t paid = paid_until_us_.load(std::memory_order_relaxed);
  do {
    if (urgency == Urgency::task && paid > us(now) + ahead) return milliseconds((paid - us(now) - ahead + 999) / 1'000);
  } while (!paid_until_us_.compare_exchange_weak(paid, std::max(paid, us(now)) + each, std::memory_order_relaxed));
  return std::nullopt;
}

std::int64_t Limiter::room(SteadyTime now) noexcept {
  const Limits limits = this->limits();
  constexpr auto task = Urgency::task;
  std::int64_t open = INT32_MAX, line = 4;
  if (limits.rpm > 0) {
    const std::int64_t rpm = share(limits.rpm, task, requests_percent);
    const std::int64_t each = apart(window_, rpm);
    const std::int64_t paid = std::max(paid_until_us_.load(std::memory_order_relaxed), us(now));
    const std::int64_t paced = std::max<std::int64_t>(0, at_once(rpm) - (paid - us(now) + each - 1) / each);
    open = std::min({open, paced, std::max<std::int64_t>(0, rpm - requests_.held(now))});
    line = std::max<std::int64_t>(2, 2'000'000 / each);
  }
  if (limits.concurrent > 0) {
    const std::int64_t calls = calls_.load(std::memory_order_relaxed);
    open = std::min(open, std::max<std::int64_t>(0, share(limits.concurrent, task, calls_percent) - calls));
    if (limits.rpm == 0) line = std::max<std::int64_t>(2, limits.concurrent / 2);
  }
  if (limits.tpm > 0) {
    const std::int64_t left = share(limits.tpm, task, tokens_percent) - tokens_.held(now);
    const std::int64_t usual = std::max<std::int64_t>(1, usual_output_.load(std::memory_order_relaxed));
    open = std::min(open, std::max<std::int64_t>(0, left / usual));
  }
  return open + line - waiting_[index(task)].load(std::memory_order_relaxed);
}

std::optional<milliseconds> Limiter::enter(Urgency urgency, Need need, SteadyTime now, Place& place) noexcept {
  const Limits limits = this->limits();
  // Calls are counted also where they are not limited, for people to see.
  if (const auto wait = take_slot(limits.concurrent > 0 ? share(limits.concurrent, urgency, calls_percent) : INT64_MAX)) return wait;
  Place made;
  made.held = true;
  const std::int64_t rpm = limits.rpm > 0 ? share(limits.rpm, urgency, requests_percent) : INT64_MAX;
  if (const auto wait = requests_.take(1, rpm, now, made.request)) {
    calls_.fetch_sub(1, std::memory_order_relaxed);
    return wait;
  }
  if (limits.tpm > 0) {
    // What a request allows is rarely what it uses: the longest of the last answers says more.
    const std::int64_t usual = usual_output_.load(std::memory_order_relaxed);
    const std::int64_t output = need.output_tokens > 0 ? std::min(need.output_tokens, usual) : usual;
    const std::int64_t most = share(limits.tpm, urgency, tokens_percent);
    // A call that is larger than the limit has the minute for itself; the provider may see it otherwise.
    const std::int64_t tokens = std::min(need.input_tokens + output, most);
    if (const auto wait = tokens_.take(tokens, most, now, made.tokens)) {
      undo(made, now);
      return wait;
    }
  }
  if (limits.rpm > 0) {
    const auto wait = pace(share(limits.rpm, Urgency::task, requests_percent), urgency, now);
    if (wait) {
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
