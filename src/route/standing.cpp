// How a provider stands with its limits, for people.
#include "route/registry.hpp"

namespace flotte::route {

json::object Registry::standing(const std::string& place, SteadyTime now, WallTime wall) const {
  json::object o;
  Limits limits;
  json::object use;
  use["requests"] = use["tokens"] = use["calls"] = use["waiting"] = 0;
  if (const auto load = loads_.find(place); load != loads_.end()) {
    limits = load->second->limiter.limits();
    use = load->second->limiter.use_json(now);
    use["calls"] = load->second->in_flight.load(std::memory_order_relaxed);
  }
  json::object allowed;
  allowed["rpm"] = limits.rpm;
  allowed["tpm"] = limits.tpm;
  allowed["concurrent"] = limits.concurrent;
  json::array quota;
  const std::string prefix = place + "/";
  for (auto it = healths_.lower_bound(prefix); it != healths_.end() && it->first.starts_with(prefix); ++it) {
    for (json::value& window : it->second->quota.to_json(now, wall)) {
      window.get_object()["target"] = it->first;
      quota.push_back(std::move(window));
    }
  }
  o["limits"] = std::move(allowed);
  o["use"] = std::move(use);
  o["quota"] = std::move(quota);
  return o;
}

}  // namespace flotte::route
