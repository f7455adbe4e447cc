// What a call's own content says about where it goes, and what its answer teaches about its target.
#include <fmt/ranges.h>
#include <time.h>

#include <algorithm>

#include "route/detail/exchange.hpp"
#include "route/pace.hpp"

namespace flotte::route::detail {
namespace {

int minute_of_day(WallTime now) {
  const std::time_t seconds = to_ms(now) / 1'000;
  tm local{};
  localtime_r(&seconds, &local);
  return local.tm_hour * 60 + local.tm_min;
}

using Names = std::shared_ptr<const std::vector<std::string>>;

bool within(const Names& names, std::string_view place) {
  return !names || std::any_of(names->begin(), names->end(), [&](const std::string& name) { return matches_pattern(name, place); });
}

}  // namespace

/// After the route was found: a rule may lead on to another one, and some strategies look at the body.
void Exchange::steer(std::string_view body) {
  steering_.ask.turn = state_.turn++;
  if (!route_->rules.empty()) {
    Circumstances now{.facts = scan_facts(body), .key_id = caller_.key_id, .key_name = caller_.name};
    now.labels = call_.head().headers.get("x-flotte-labels").value_or("");
    now.minute_of_day = minute_of_day(state_.clock.wall());
    const Rule& rule = choose(*route_, now);
    steering_.note = route_->name + ": " + rule.text;
    route_ = rule.route;
  }
  if (route_->strategy == Strategy::cheapest) steering_.ask.input_tokens = scan_facts(body).tokens;
  if (route_->strategy != Strategy::affinity) return;
  steering_.prefixes.emplace(read_prefixes(body, hash_bytes(route_->name, 0)));
  const Affinity::Found found = state_.affinity.find(*steering_.prefixes, *route_, started_at_);
  steering_.ask.preferred = found.place;
  steering_.known = found.known;
}

/// A key or a project may be bound to providers and engines: all others are left out from the start, so that no failover reaches them.
/// Error: forbidden where nothing is left.
Result<void> Exchange::keep_to_bounds() {
  if (!caller_.providers && !caller_.project_providers) return {};
  const std::size_t count = std::min<std::size_t>(route_->targets.size(), 64);
  bool one = count == 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string& place = route_->targets[i].place;
    if (within(caller_.providers, place) && within(caller_.project_providers, place))
      one = true;
    else
      tried_ |= Tried{1} << i;
  }
  if (one) return {};
  const bool by_key = caller_.providers != nullptr;
  return fail(
      Code::forbidden,
      fmt::format("this {} may not use what \"{}\" stands for ({})", by_key ? "key" : "project", model_, route_->targets.front().name),
      fmt::format("its calls go only to {}", fmt::join(by_key ? *caller_.providers : *caller_.project_providers, ", ")));
}

/// At the end of a call that was answered.
void Exchange::learn() {
  if (!target_ || first_byte_at_ == SteadyTime{} || status_ != 200) return;
  const SteadyTime now = state_.clock.steady();
  if (target_->pace && api_.answers()) {
    Measured measured{.total_us = std::chrono::microseconds(now - asked_at_).count(), .output_tokens = usage_.output_tokens};
    if (stream_) measured.first_us = std::chrono::microseconds(first_byte_at_ - asked_at_).count();
    measure(*target_->pace, measured, now);
  }
  if (!steering_.prefixes) return;
  state_.affinity.remember(*steering_.prefixes, *target_, now);
  const bool kept = steering_.known && target_ == &route_->targets[static_cast<std::size_t>(steering_.ask.preferred)];
  ++(kept ? state_.counts.affinity_kept : state_.counts.affinity_new);
  if (kept && usage_.cached_tokens > 0) state_.counts.affinity_cached_tokens += static_cast<std::uint64_t>(usage_.cached_tokens);
}

}  // namespace flotte::route::detail
