// Who is linked, which slots are free, which flows have work.
#include "fleet/dispatcher.hpp"

#include <algorithm>
#include <mutex>

#include "fleet/detail/ready_flows.hpp"
#include "fleet/detail/rows.hpp"

namespace flotte::fleet {

// ---- runs that have a lease ----------------------------------------------------------------------------------------

std::optional<RunFacts> RunTable::find(std::int64_t task, std::int64_t fence) const {
  const std::shared_lock lock(mutex_);
  const auto it = runs_.find(task);
  if (it == runs_.end() || it->second.first != fence) return std::nullopt;
  return it->second.second;
}

void RunTable::put(std::int64_t task, std::int64_t fence, RunFacts facts) {
  const std::lock_guard lock(mutex_);
  runs_.insert_or_assign(task, std::pair(fence, std::move(facts)));
}

void RunTable::remove(std::int64_t task, std::int64_t fence) {
  const std::lock_guard lock(mutex_);
  if (const auto it = runs_.find(task); it != runs_.end() && it->second.first == fence) runs_.erase(it);
}

void RunTable::replace(Runs runs) {
  const std::lock_guard lock(mutex_);
  runs_.swap(runs);
}

// ---- mirroring rows -----------------------------------------------------------------------------------------------

void Dispatcher::refresh(store::Transaction& rows) {
  if (seen_rollbacks_ == rows.rollbacks()) return;
  reload(rows);
  seen_rollbacks_ = rows.rollbacks();
}

void Dispatcher::forget(std::int64_t node) {
  const auto it = nodes_.find(node);
  if (it == nodes_.end()) return;
  forgotten_.insert_or_assign(node, std::move(it->second));
  nodes_.erase(it);
}

void Dispatcher::reload(store::Transaction& rows) {
  scheduler_.clear();
  gates_.clear();
  blocked_.clear();
  held_.clear();
  RunTable::Runs runs;
  for (const store::Row& row :
       rows.query("SELECT l.task, l.fence, l.node, l.worker, f.exclusive, t.owner, n.name, l.batch, t.project, l.limited, "
                  "t.budget_pico_usd, b.max_cost_pico_usd, t.cost_pico_usd, b.cost_pico_usd "
                  "FROM lease l JOIN task t ON t.id = l.task JOIN flow f ON f.id = t.flow JOIN node n ON n.id = l.node "
                  "LEFT JOIN batch b ON b.id = t.batch")) {
    const std::int64_t limited = row.maybe_integer(9).value_or(0);
    held_[row.integer(0)] = {row.integer(1), row.integer(2), row.text(3), row.flag(4), limited};
    gates_.seat_taken(limited);
    RunFacts facts{row.text(5),           row.text(6),           row.text(3),     row.maybe_integer(7).value_or(0), row.text(8),
                   row.maybe_integer(10), row.maybe_integer(11), row.integer(12), row.maybe_integer(13).value_or(0)};
    runs.emplace(row.integer(0), std::pair(row.integer(1), std::move(facts)));
  }
  runs_.replace(std::move(runs));
  nodes_.merge(forgotten_);
  forgotten_.clear();
  // A node whose registration was undone is no node: what it would be given could never be sent.
  std::erase_if(nodes_, [&](const auto& entry) {
    const auto row = rows.one("SELECT epoch FROM node WHERE id = ?", entry.first);
    return !row || row->integer(0) != entry.second.epoch;
  });
  paused_workers_ = paused_workers(rows);
  for (auto& [id, node] : nodes_) {
    recount(id);
    for (auto& [name, worker] : node.workers) worker.paused = paused_workers_.contains({id, name});
  }
  out_.clear();
  for (const store::Row& row : rows.query("SELECT id, out_until, out_why FROM flow WHERE out_until > 0"))
    out_[row.integer(0)] = {row.time(1), refusal(static_cast<OutWhy>(row.integer(2)))};
  static const std::string startable =
      detail::of_ready_flows("SELECT f.id FROM ready_flow r JOIN flow f ON f.id = r.flow WHERE f.paused = 0 AND f.out_until = 0");
  for (const store::Row& row : rows.query(startable)) load_flow(rows, row.integer(0));
}

void Dispatcher::load_flow(store::Transaction& rows, std::int64_t id) {
  const auto row =
      rows.one("SELECT kind, model, node, worker, labels, exclusive, weight, paused, owner, project, limited FROM flow WHERE id = ?", id);
  if (!row || row->flag(7)) return;
  Flow flow;
  flow.id = id;
  flow.need = {static_cast<wire::TaskKind>(row->integer(0)),
               row->text(1),
               row->text(2),
               row->text(3),
               detail::labels_of(row->text(4)),
               row->flag(5)};
  flow.weight = row->real(6);
  flow.owner = row->text(8);
  flow.project = row->text(9);
  flow.gates = gates_.of(rows, id, row->maybe_integer(10).value_or(0), flow.need.model);
  scheduler_.put(std::move(flow));
}

void Dispatcher::absorb(store::Transaction& rows, const Changes& changes) {
  std::set<std::int64_t> seats = changes.seats;
  for (const Changes::Freed& f : changes.freed)
    if (const std::int64_t key = free(f.task, f.fence); key > 0) seats.insert(key);
  for (const std::int64_t key : changes.seats) gates_.read_limit(rows, key);
  for (const std::int64_t key : seats) unblock(rows, key);
  for (const std::int64_t flow : changes.paused) scheduler_.remove(flow);
  for (const auto& [flow, later] : changes.later) {
    scheduler_.remove(flow);
    put_out(rows, flow, gates_.refused(flow, rows.now(), later.wait, later.outage ? OutWhy::outage : OutWhy::quota));
  }
  for (const std::int64_t flow : changes.flows) {
    if (scheduler_.find(flow) || out_.contains(flow)) continue;
    load_flow(rows, flow);
  }
}

void Dispatcher::unblock(store::Transaction& rows, std::int64_t key) {
  const auto it = blocked_.find(key);
  if (it == blocked_.end()) return;
  const std::set<std::int64_t> flows = std::move(it->second);
  blocked_.erase(it);
  for (const std::int64_t flow : flows)
    if (!scheduler_.find(flow) && !out_.contains(flow)) load_flow(rows, flow);
}

void Dispatcher::hold(std::int64_t task, Held held) {
  if (const auto node = nodes_.find(held.node); node != nodes_.end()) {
    ++node->second.load.busy;
    const auto worker = node->second.workers.find(held.worker);
    if (worker != node->second.workers.end()) ++worker->second.busy;
    if (held.alone || (worker != node->second.workers.end() && worker->second.exclusive)) node->second.load.alone = true;
  }
  gates_.seat_taken(held.limited);
  held_[task] = std::move(held);
}

/// The concurrency key that has a free seat now; 0: none.
std::int64_t Dispatcher::free(std::int64_t task, std::int64_t fence) {
  const auto it = held_.find(task);
  if (it == held_.end() || it->second.fence != fence) return 0;
  const Held held = std::move(it->second);
  held_.erase(it);
  runs_.remove(task, fence);
  gates_.seat_freed(held.limited);
  const auto node = nodes_.find(held.node);
  if (node == nodes_.end()) return held.limited;
  --node->second.load.busy;
  if (node->second.load.busy == 0) node->second.load.alone = false;
  if (const auto worker = node->second.workers.find(held.worker); worker != node->second.workers.end()) --worker->second.busy;
  return held.limited;
}

void Dispatcher::recount(std::int64_t id) {
  Node& node = nodes_.at(id);
  node.load = {};
  for (auto& [name, worker] : node.workers) worker.busy = 0;
  for (const auto& [task, held] : held_) {
    if (held.node != id) continue;
    ++node.load.busy;
    node.load.alone |= held.alone;
    const auto worker = node.workers.find(held.worker);
    if (worker == node.workers.end()) continue;
    ++worker->second.busy;
    node.load.alone |= worker->second.exclusive;
  }
}

// ---- who is there -------------------------------------------------------------------------------------------------

void Dispatcher::link(const Session& session, const std::string& name, const std::vector<std::string>& labels,
                      const std::vector<wire::WorkerInfo>& workers, bool draining) {
  forgotten_.erase(session.node);
  Node& node = nodes_[session.node];
  node = Node{};
  node.name = name;
  node.epoch = session.epoch;
  node.labels = labels;
  node.draining = draining;
  announce(session, workers);
}

void Dispatcher::announce(const Session& session, const std::vector<wire::WorkerInfo>& workers) {
  const auto it = nodes_.find(session.node);
  if (it == nodes_.end() || it->second.epoch != session.epoch) return;
  Node& node = it->second;
  std::map<std::string, Worker> before = std::exchange(node.workers, {});
  for (const wire::WorkerInfo& info : workers) {
    Worker worker;
    worker.place = {node.name, info.name, info.kind, info.model, info.labels};
    worker.place.labels.insert(worker.place.labels.end(), node.labels.begin(), node.labels.end());
    worker.slots = std::clamp(info.slots, 0, 10'000);
    worker.exclusive = info.exclusive;
    worker.paused = paused_workers_.contains({session.node, info.name});
    if (const auto old = before.find(info.name); old != before.end()) worker.rests_until = old->second.rests_until;
    node.workers[info.name] = std::move(worker);
  }
  recount(session.node);
}

void Dispatcher::unlink(const Session& session) {
  if (const auto it = nodes_.find(session.node); it != nodes_.end() && it->second.epoch == session.epoch) nodes_.erase(it);
}

void Dispatcher::set_draining(std::int64_t node, bool draining) {
  if (const auto it = nodes_.find(node); it != nodes_.end()) it->second.draining = draining;
}

void Dispatcher::set_labels(std::int64_t id, const std::vector<std::string>& labels) {
  const auto it = nodes_.find(id);
  if (it == nodes_.end()) return;
  Node& node = it->second;
  for (auto& [name, worker] : node.workers) {
    std::vector<std::string>& all = worker.place.labels;
    all.resize(all.size() - std::min(all.size(), node.labels.size()));  // the worker's own come first
    all.insert(all.end(), labels.begin(), labels.end());
  }
  node.labels = labels;
}

void Dispatcher::rest(std::int64_t node, const std::string& worker, WallTime until) {
  const auto it = nodes_.find(node);
  if (it == nodes_.end()) return;
  if (const auto w = it->second.workers.find(worker); w != it->second.workers.end()) w->second.rests_until = until;
}

void Dispatcher::set_paused(std::int64_t id, const std::string& worker, Paused paused) {
  if (paused == Paused::yes)
    paused_workers_.emplace(id, worker);
  else
    paused_workers_.erase({id, worker});
  const auto node = nodes_.find(id);
  if (node == nodes_.end()) return;
  if (const auto w = node->second.workers.find(worker); w != node->second.workers.end()) w->second.paused = paused == Paused::yes;
}

std::vector<Need> Dispatcher::unmet(store::Transaction& rows) const {
  std::vector<Need> out;
  const auto can = [](const Node& node, const Need& need) {
    return !node.draining && std::any_of(node.workers.begin(), node.workers.end(),
                                         [&](const auto& w) { return compare(need, w.second.place) == Mismatch::none; });
  };
  static const std::string wanted = detail::of_ready_flows(
      "SELECT kind, model, node, worker, labels, exclusive FROM ready_flow r JOIN flow f ON f.id = r.flow WHERE paused = 0 LIMIT 200");
  for (const store::Row& row : rows.query(wanted)) {
    Need need{
        static_cast<wire::TaskKind>(row.integer(0)), row.text(1), row.text(2), row.text(3), detail::labels_of(row.text(4)), row.flag(5)};
    const bool met = std::any_of(nodes_.begin(), nodes_.end(), [&](const auto& node) { return can(node.second, need); });
    if (!met) out.push_back(std::move(need));
  }
  return out;
}

// ---- handing out --------------------------------------------------------------------------------------------------

std::vector<Slots> Dispatcher::open_slots(WallTime now) {
  std::vector<Slots> out;
  wakes_at_.reset();
  for (const auto& [id, node] : nodes_) {
    if (node.draining) continue;
    for (const auto& [name, worker] : node.workers) {
      if (worker.busy >= worker.slots || worker.paused) continue;
      // Its tasks could only fail. That a model is there again is seen at the next tick.
      if (worker.place.kind == "model" && !gates_.answers(worker.place.model)) continue;
      const bool resting = worker.rests_until > now;
      if (resting && (!wakes_at_ || worker.rests_until < *wakes_at_)) wakes_at_ = worker.rests_until;
      out.push_back({id, &worker.place, worker.slots, worker.busy, worker.exclusive, resting});
    }
  }
  return out;
}

std::vector<HandOut> Dispatcher::hand_out(Ledger& ledger) {
  absorb(ledger.rows, ledger.changes);
  wake_flows(ledger.rows);
  std::vector<HandOut> out;
  for (std::size_t ended = 0; scheduler_.size() > 0 && out.size() < ledger.policy.hand_out;) {
    const Round round = lease_round(ledger, out);
    if (!round.more) break;
    ended += round.ended;
    if (ended < ledger.policy.hand_out) continue;
    wakes_at_ = ledger.rows.now();  // the others of a batch that has no money left: in the next transactions
    break;
  }
  return out;
}

/// One planning and what comes of it.
Dispatcher::Round Dispatcher::lease_round(Ledger& ledger, std::vector<HandOut>& out) {
  const WallTime now = ledger.rows.now();
  const std::vector<Slots> slots = open_slots(now);
  if (slots.empty()) return {};
  Round round;
  std::map<std::int64_t, NodeLoad> loads;
  for (const auto& [id, node] : nodes_) loads[id] = node.load;
  const Plan plan = scheduler_.plan(slots, std::move(loads), ledger.policy.hand_out - out.size(),
                                    [this, now](std::int64_t gate) { return gates_.places(gate, now); });
  std::map<std::pair<std::int64_t, std::size_t>, std::size_t> counts;  // (flow, worker): one query each
  for (const Pick& pick : plan.picks) ++counts[{pick.flow, pick.worker}];
  for (const auto& [key, count] : counts)
    if (scheduler_.find(key.first))
      round.ended += hand_to(ledger, key.first, slots[key.second], count, out);  // another worker's share may have emptied it
  for (const Shut& shut : plan.shut) {
    if (!scheduler_.find(shut.flow)) continue;
    // Whoever was to take the last place had nothing to take it with: nobody holds it, and nobody would unblock the flow.
    if (shut.gate > 0 && gates_.places(shut.gate, now) > 0) continue;
    scheduler_.remove(shut.flow);
    if (shut.gate > 0)
      blocked_[shut.gate].insert(shut.flow);
    else
      put_out(ledger.rows, shut.flow, gates_.closure(shut.gate));
  }
  round.more = !plan.picks.empty();
  return round;
}

/// How many tasks ended instead of being handed out.
std::size_t Dispatcher::hand_to(Ledger& ledger, std::int64_t id, const Slots& slot, std::size_t count, std::vector<HandOut>& out) {
  const Flow flow = *scheduler_.find(id);
  const Session session{slot.node, nodes_.at(slot.node).epoch};
  const std::int64_t limited = DispatchGates::key_of(flow.gates);
  Granted granted = grant(ledger, id, session, slot.place->worker, count, limited);
  for (Grant& g : granted.grants) {
    scheduler_.started(id);
    gates_.started(flow.gates, ledger.rows.now());
    waits_.observe(g.priority, ledger.rows.now() - g.since);
    hold(g.task, {g.fence, slot.node, slot.place->worker, flow.need.exclusive, limited});
    runs_.put(g.task, g.fence,
              {g.owner, slot.place->node, slot.place->worker, g.batch, g.spec.project, g.money.budget, g.money.batch_budget, g.money.spent,
               g.money.batch_spent});
    wire::Offer offer{detail::run_of(g.task, g.fence),
                      g.attempt,
                      std::move(g.spec),
                      slot.place->worker,
                      g.batch > 0 ? wire::format_id('b', g.batch) : std::string(),
                      {}};
    out.push_back({session, std::move(offer), g.task});
  }
  if (granted.no_seat) blocked_[limited].insert(id);
  if (granted.no_seat || !granted.more) scheduler_.remove(id);
  return granted.ended;
}

// ---- models that nobody may ask ------------------------------------------------------------------------------------

void Dispatcher::put_out(store::Transaction& rows, std::int64_t flow, const Closure& closure) {
  rows.execute("UPDATE flow SET out_until = ?, out_why = ?, out_reset = ? WHERE id = ?", closure.until,
               static_cast<std::int64_t>(closure.why), closure.reset, flow);
  out_[flow] = {closure.until, refusal(closure.why)};
}

void Dispatcher::wake_flows(store::Transaction& rows) {
  for (auto it = out_.begin(); it != out_.end();) {
    if (it->second.until > rows.now()) {
      ++it;
      continue;
    }
    const auto [flow, out] = *it;
    rows.execute("UPDATE flow SET out_until = 0 WHERE id = ?", flow);
    it = out_.erase(it);
    if (out.refused) gates_.begin_ramp(rows, flow);
    load_flow(rows, flow);
  }
}

std::optional<WallTime> Dispatcher::wakes_at() const {
  std::optional<WallTime> first = wakes_at_;
  for (const auto& [flow, out] : out_)
    if (!first || out.until < *first) first = out.until;
  return first;
}

}  // namespace flotte::fleet
