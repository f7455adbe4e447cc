// Quotas of models, for the fleet.
#include "hub/quota_capacity.hpp"

#include <algorithm>
#include <set>

#include "route/out_of_quota.hpp"
#include "route/plan.hpp"

namespace flotte::hub {
namespace {

/// What is over so soon a call waits for by itself, in the gateway's line.
constexpr milliseconds worth_waiting{1'000};

}  // namespace

void QuotaCapacity::use(std::shared_ptr<const route::Table> table) {
  const std::lock_guard lock(mutex_);
  table_ = std::move(table);
}

std::shared_ptr<const route::Table> QuotaCapacity::table() {
  const std::lock_guard lock(mutex_);
  return table_;
}

bool QuotaCapacity::answers(const std::string& model) {
  const auto known = table();
  if (!known || model.empty() || model.find('/') != std::string::npos) return true;
  return known->canonical(model).has_value();
}

std::shared_ptr<const route::Route> QuotaCapacity::route_of(const std::string& model) {
  const auto table = this->table();
  auto route = table ? table->resolve(model) : fail(Code::unavailable, "no table yet");
  return route ? std::move(*route) : nullptr;
}

std::optional<milliseconds> QuotaCapacity::wait(const std::string& model) {
  const auto route = route_of(model);
  if (!route) return std::nullopt;
  const auto left = route::out_of_quota(*route, clock_.steady());
  return left && *left >= worth_waiting ? left : std::nullopt;
}

std::optional<milliseconds> QuotaCapacity::outage(const std::string& model) {
  const auto route = route_of(model);
  if (!route) return std::nullopt;
  const auto left = route::out_of_reach(*route, clock_.steady());
  return left && *left >= worth_waiting ? left : std::nullopt;
}

std::optional<int> QuotaCapacity::room(const std::string& model) {
  const auto route = route_of(model);
  if (!route || route->targets.empty()) return std::nullopt;
  const SteadyTime now = clock_.steady();
  std::int64_t room = 0;
  std::set<const route::Limiter*> seen;  // several targets at one provider share its limits
  for (const route::Target& target : route->targets) {
    if (!target.load || !target.load->limiter.limits().any()) {
      if (route::closed(target, now)) continue;
      return std::nullopt;
    }
    if (!route::closed(target, now) && seen.insert(&target.load->limiter).second) room += target.load->limiter.room(now);
  }
  // Where all are closed for a moment their calls find out; two of them are enough.
  if (seen.empty()) room = 2;
  return static_cast<int>(std::clamp<std::int64_t>(room, 0, 1'000'000));
}

}  // namespace flotte::hub
