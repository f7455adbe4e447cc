// Seats and models, as hand-outs see them.
#include "fleet/gates.hpp"

#include <algorithm>
#include <climits>

#include "base/failpoint.hpp"

namespace flotte::fleet {
namespace {

/// A quota may be raised, or a provider replaced, before its window ends.
constexpr milliseconds longest_look_away{60'000};
/// A start has reached the gateway's line by then, and is counted there.
constexpr milliseconds on_the_way{1'000};
/// Steps of a ramp: 1, 2, 4 ... 128 starts in one; after these it is over.
constexpr std::int64_t ramp_steps = 8;

constexpr std::int64_t flow_gates = -(std::int64_t{1} << 40);
constexpr std::int64_t gate_of_flow(std::int64_t flow) { return flow_gates - flow; }

}  // namespace

void DispatchGates::clear() { seats_.clear(); }

std::int64_t DispatchGates::gate_of(const std::string& model) {
  const auto it = gates_.find(model);
  if (it != gates_.end()) return it->second;
  const std::int64_t gate = -1 - static_cast<std::int64_t>(gates_.size());
  gates_.emplace(model, gate);
  models_[gate].name = model;
  return gate;
}

std::vector<std::int64_t> DispatchGates::of(store::Transaction& rows, std::int64_t flow, std::int64_t limited, const std::string& model) {
  std::vector<std::int64_t> gates;
  if (limited > 0) {
    gates.push_back(limited);
    if (seats_[limited].limit < 0) read_limit(rows, limited);
  }
  if (capacity_ && !model.empty()) gates.push_back(gate_of(model));
  if (ramps_.contains(gate_of_flow(flow))) gates.push_back(gate_of_flow(flow));
  return gates;
}

void DispatchGates::read_limit(store::Transaction& rows, std::int64_t key) {
  const auto row = rows.one("SELECT most FROM concurrency_key WHERE id = ?", key);
  seats_[key].limit = row ? static_cast<int>(row->integer(0)) : 0;
}

int DispatchGates::close(std::int64_t gate, const Closure& closure) {
  closures_[gate] = closure;
  return 0;
}

Closure DispatchGates::closure(std::int64_t gate) const {
  const auto it = closures_.find(gate);
  return it == closures_.end() ? Closure{} : it->second;
}

int DispatchGates::places(std::int64_t gate, WallTime now) {
  if (gate > 0) {
    const Seats& seats = seats_[gate];
    if (failpoint::planted(Failpoint::plant_count_then_claim)) return seats.limit;
    return std::max(0, seats.limit - seats.used);
  }
  const int ramp = ramp_places(gate, now);
  if (ramp == 0 || gate < flow_gates) return ramp;
  return std::min(ramp, model_places(gate, now));
}

int DispatchGates::ramp_places(std::int64_t gate, WallTime now) {
  const auto it = ramps_.find(gate);
  if (it == ramps_.end()) return INT_MAX;
  const std::int64_t step = (now - it->second.since) / policy_.ramp;
  if (step >= ramp_steps) {
    ramps_.erase(it);
    return INT_MAX;
  }
  const std::int64_t places = (std::int64_t{2} << step) - 1 - it->second.started;
  if (places > 0) return static_cast<int>(places);
  const WallTime next = it->second.since + (step + 1) * policy_.ramp;
  return close(gate, {next, next, OutWhy::ramp});
}

int DispatchGates::model_places(std::int64_t gate, WallTime now) {
  const auto it = models_.find(gate);
  if (it == models_.end() || !capacity_) return INT_MAX;
  Model& model = it->second;
  const auto quota = capacity_->wait(model.name);
  const auto outage = quota ? std::nullopt : capacity_->outage(model.name);
  if (quota || outage) {
    const milliseconds wait = quota ? *quota : *outage;
    model.refused_at = now;
    return close(gate, {now + std::min(wait, longest_look_away), now + wait, quota ? OutWhy::quota : OutWhy::outage});
  }
  const auto room = capacity_->room(model.name);
  if (!room) {
    model.recent.clear();
    return INT_MAX;
  }
  while (!model.recent.empty() && model.recent.front() + on_the_way <= now) model.recent.pop_front();
  const int places = *room - static_cast<int>(model.recent.size());
  if (places > 0) return places;
  const WallTime next = now + policy_.line_look;
  return close(gate, {next, next, OutWhy::limits});
}

void DispatchGates::started(const std::vector<std::int64_t>& gates, WallTime now) {
  constexpr std::size_t most = 4096;
  for (const std::int64_t gate : gates) {
    if (const auto ramp = ramps_.find(gate); ramp != ramps_.end()) ++ramp->second.started;
    if (const auto model = models_.find(gate); model != models_.end() && model->second.recent.size() < most)
      model->second.recent.push_back(now);
  }
}

Closure DispatchGates::refused(std::int64_t flow, WallTime now, milliseconds wait, OutWhy why) {
  refused_.insert(flow);
  ramps_.erase(gate_of_flow(flow));
  return {now + std::clamp(wait, milliseconds(100), longest_look_away), now + wait, why};
}

void DispatchGates::begin_ramp(store::Transaction& rows, std::int64_t flow) {
  // Flows that have no work any more are not asked about again.
  constexpr std::size_t many = 1'000;
  if (ramps_.size() > many)
    std::erase_if(ramps_, [&](const auto& ramp) { return rows.now() - ramp.second.since >= ramp_steps * policy_.ramp; });
  // Refused by itself (its owner's key may be why) it comes back slowly; others of its model have done nothing.
  if (refused_.erase(flow) > 0) {
    ramps_.insert_or_assign(gate_of_flow(flow), Ramp{rows.now(), 0});
    return;
  }
  const auto row = rows.one("SELECT model FROM flow WHERE id = ?", flow);
  if (!row || row->text(0).empty()) return;
  const std::int64_t gate = gate_of(row->text(0));
  const auto ramp = ramps_.find(gate);
  // Of many flows that come back at their own times the first begins it for all.
  if (ramp != ramps_.end() && ramp->second.since >= models_[gate].refused_at) return;
  ramps_.insert_or_assign(gate, Ramp{rows.now(), 0});
}

}  // namespace flotte::fleet
