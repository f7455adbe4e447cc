// Who is linked, which slots are free, which flows have work.
#include "fleet/dispatcher.hpp"

#include <algorithm>
#include <mutex>

#include "fleet/detail/rows.hpp"

namespace flotte::fleet {

namespace {
/// A quota may be raised, or a provider replaced, before its window ends.
constexpr milliseconds longest_look_away{60'000};
}  // namespace

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

void RunTable::clear() {
  const std::lock_guard lock(mutex_);
  runs_.clear();
}

// ---- mirroring rows -----------------------------------------------------------------------------------------------

void Dispatcher::refresh(store::Transaction& rows) {
  if (seen_rollbacks_ == rows.rollbacks()) return;
  reload(rows);
  seen_rollbacks_ = rows.rollbacks();
}

void Dispatcher::reload(store::Transaction& rows) {
  hot_.clear();
  held_.clear();
  runs_.clear();
  for (const store::Row& row :
       rows.query("SELECT l.task, l.fence, l.node, l.worker, f.exclusive, t.owner, n.name, l.batch, t.project "
                  "FROM lease l JOIN task t ON t.id = l.task JOIN flow f ON f.id = t.flow JOIN node n ON n.id = l.node")) {
    held_[row.integer(0)] = {row.integer(1), row.integer(2), row.text(3), row.flag(4)};
    runs_.put(row.integer(0), row.integer(1), {row.text(5), row.text(6), row.text(3), row.maybe_integer(7).value_or(0), row.text(8)});
  }
  // A node whose registration was undone is no node: what it would be given could never be sent.
  std::erase_if(nodes_, [&](const auto& entry) {
    const auto row = rows.one("SELECT epoch FROM node WHERE id = ?", entry.first);
    return !row || row->integer(0) != entry.second.epoch;
  });
  for (auto& [id, node] : nodes_) recount(id);
  out_.clear();
  for (const store::Row& row : rows.query("SELECT id, out_until FROM flow WHERE out_until > 0")) out_[row.integer(0)] = row.time(1);
  for (const store::Row& row :
       rows.query("SELECT id FROM flow f WHERE paused = 0 AND out_until = 0 AND EXISTS (SELECT 1 FROM ready r WHERE r.flow = f.id)"))
    load_flow(rows, row.integer(0));
}

void Dispatcher::load_flow(store::Transaction& rows, std::int64_t id) {
  const auto row = rows.one("SELECT kind, model, node, worker, labels, exclusive, weight, paused FROM flow WHERE id = ?", id);
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
  hot_.emplace(id, std::move(flow));
}

void Dispatcher::absorb(store::Transaction& rows, const Changes& changes) {
  for (const Changes::Freed& f : changes.freed) free(f.task, f.fence);
  for (const std::int64_t flow : changes.paused) hot_.erase(flow);
  for (const std::int64_t flow : changes.flows)
    if (!hot_.contains(flow) && !out_.contains(flow)) load_flow(rows, flow);
}

void Dispatcher::hold(std::int64_t task, Held held) {
  if (const auto node = nodes_.find(held.node); node != nodes_.end()) {
    ++node->second.load.busy;
    const auto worker = node->second.workers.find(held.worker);
    if (worker != node->second.workers.end()) ++worker->second.busy;
    if (held.alone || (worker != node->second.workers.end() && worker->second.exclusive)) node->second.load.alone = true;
  }
  held_[task] = std::move(held);
}

void Dispatcher::free(std::int64_t task, std::int64_t fence) {
  const auto it = held_.find(task);
  if (it == held_.end() || it->second.fence != fence) return;
  const Held held = std::move(it->second);
  held_.erase(it);
  runs_.remove(task, fence);
  const auto node = nodes_.find(held.node);
  if (node == nodes_.end()) return;
  --node->second.load.busy;
  if (node->second.load.busy == 0) node->second.load.alone = false;
  if (const auto worker = node->second.workers.find(held.worker); worker != node->second.workers.end()) --worker->second.busy;
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

// ---- handing out --------------------------------------------------------------------------------------------------

std::vector<Slots> Dispatcher::open_slots(WallTime now) {
  std::vector<Slots> out;
  wakes_at_.reset();
  for (const auto& [id, node] : nodes_) {
    if (node.draining) continue;
    for (const auto& [name, worker] : node.workers) {
      if (worker.busy >= worker.slots) continue;
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
  while (!hot_.empty() && out.size() < ledger.policy.hand_out && lease_round(ledger, out)) {
  }
  return out;
}

/// One planning and what comes of it; true while another may find more.
bool Dispatcher::lease_round(Ledger& ledger, std::vector<HandOut>& out) {
  const std::vector<Slots> slots = open_slots(ledger.rows.now());
  if (slots.empty()) return false;
  std::map<std::int64_t, NodeLoad> loads;
  for (const auto& [id, node] : nodes_) loads[id] = node.load;
  const std::vector<Pick> picks = scheduler_.plan(hot_, slots, std::move(loads), ledger.policy.hand_out - out.size());
  if (picks.empty()) return false;
  if (put_out(ledger.rows, picks)) return true;
  std::map<std::pair<std::int64_t, std::size_t>, std::size_t> counts;  // (flow, worker): one query each
  for (const Pick& pick : picks) ++counts[{pick.flow, pick.worker}];
  for (const auto& [key, count] : counts) {
    const auto flow = hot_.find(key.first);
    if (flow == hot_.end()) continue;  // another worker's share emptied it
    const Slots& slot = slots[key.second];
    const Session session{slot.node, nodes_.at(slot.node).epoch};
    std::vector<Grant> grants = grant(ledger, key.first, session, slot.place->worker, count);
    const bool emptied = grants.size() < count;
    for (Grant& g : grants) {
      scheduler_.started(key.first, flow->second.weight);
      hold(g.task, {g.fence, slot.node, slot.place->worker, flow->second.need.exclusive});
      runs_.put(g.task, g.fence, {g.owner, slot.place->node, slot.place->worker, g.batch, g.spec.project});
      wire::Offer offer{detail::run_of(g.task, g.fence),
                        g.attempt,
                        std::move(g.spec),
                        slot.place->worker,
                        g.batch > 0 ? wire::format_id('b', g.batch) : std::string(),
                        {}};
      out.push_back({session, std::move(offer), g.task});
    }
    if (emptied) hot_.erase(flow);
  }
  return true;
}

// ---- models that nobody may ask ------------------------------------------------------------------------------------

/// Of the picked flows those whose model may not be asked now; true where there was one.
bool Dispatcher::put_out(store::Transaction& rows, const std::vector<Pick>& picks) {
  if (!capacity_) return false;
  bool any = false;
  for (const Pick& pick : picks) {
    const auto flow = hot_.find(pick.flow);
    if (flow == hot_.end() || flow->second.need.model.empty()) continue;
    const auto wait = capacity_->wait(flow->second.need.model);
    if (!wait) continue;
    const WallTime until = rows.now() + std::min(*wait, longest_look_away);
    rows.execute("UPDATE flow SET out_until = ? WHERE id = ?", until, pick.flow);
    out_[pick.flow] = until;
    hot_.erase(flow);
    any = true;
  }
  return any;
}

void Dispatcher::wake_flows(store::Transaction& rows) {
  for (auto it = out_.begin(); it != out_.end();) {
    if (it->second > rows.now()) {
      ++it;
      continue;
    }
    rows.execute("UPDATE flow SET out_until = 0 WHERE id = ?", it->first);
    load_flow(rows, it->first);
    it = out_.erase(it);
  }
}

std::optional<WallTime> Dispatcher::wakes_at() const {
  std::optional<WallTime> first = wakes_at_;
  for (const auto& [flow, until] : out_)
    if (!first || until < *first) first = until;
  return first;
}

}  // namespace flotte::fleet
