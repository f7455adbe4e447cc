// Hand-out, slots and live view of RunnerCore. The link's begin and end: runner_greeting.cpp; the spool: runner_spooling.cpp.
#include "work/runner_core.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.hpp"

namespace flotte::work {
namespace {
template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

/// Whether workers of that kind do such tasks; the node decides for itself what it runs.
bool takes(std::string_view worker, wire::TaskKind task) {
  switch (task) {
    case wire::TaskKind::prompt:
    case wire::TaskKind::document: return worker == "model";
    case wire::TaskKind::command: return worker == "command";
    case wire::TaskKind::agent: return worker == "agent";
  }
  return false;
}
}  // namespace

Actions RunnerCore::adopt(const wire::Offer& offer, Now now) {
  Actions out;
  Run& run = runs_[offer.run];
  run.offer = offer;
  run.activity.task = offer.run.task;
  run.activity.fence = offer.run.fence;
  run.activity.title = offer.spec.title;
  run.activity.step = "running";
  run.activity.since_ms = to_ms(now.wall);
  mark(offer.worker);
  return out;
}

Actions RunnerCore::announce(std::vector<wire::EngineInfo> engines, std::vector<wire::WorkerInfo> workers) {
  Actions out;
  engines_ = engines;
  for (auto& [name, worker] : workers_) worker.gone = true;
  for (const wire::WorkerInfo& info : workers) {
    Worker& worker = workers_[info.name];
    worker.info = info;
    worker.gone = false;
  }
  std::erase_if(workers_, [this](const auto& w) { return w.second.gone && used_slots(w.first) == 0; });
  if (linked()) out.push_back(Send{wire::Announce{std::move(engines), std::move(workers)}});
  announce_due_ = link_ == Link::greeting;
  return out;
}

Actions RunnerCore::on(const wire::ToNode& message, Now now) {
  Actions out;
  std::visit(Overloaded{
                 [&](const wire::Challenge&) { on_challenge(out); }, [&](const wire::Welcome& m) { on_welcome(m, now, out); },
                 [&](const wire::Offer& m) { on_offer(m, now, out); },
                 [&](const wire::Acknowledge& m) {
                   // Never beyond what went out: a result must not be lost to a confused hub.
                   if (sent_ > 0) acknowledge(std::min(m.up_to, pending_[sent_ - 1].number), out);
                   pump(out);
                 },
                 [&](const wire::Cancel& m) { on_cancel(m.run, out); },
                 [&](const wire::Drop& m) {
                   for (const wire::RunId& run : m.runs) drop(run, out);
                 },
                 [&](const wire::Spares&) {},  // the link's business
                 [&](const wire::Stop& m) {
                   stopped_by_hub_ = true;
                   if (m.revoked)
                     for (const wire::RunId& run : live()) drop(run, out);
                 },
                 [&](const wire::BeatAnswer&) {},                          // the link's business
                 [&](const wire::Define&) {},                              // whoever announces has its workers
                 [&](const wire::Wake&) {}, [&](const wire::Suspend&) {},  // the node's business
             },
             message);
  say_doing(now, out);
  return out;
}

Actions RunnerCore::unreadable(const wire::RunId& run, std::string_view why) {
  Actions out;
  if (linked()) out.push_back(Send{wire::Refuse{run, fmt::format("this node (flotte {}) cannot read it: {}", FLOTTE_VERSION, why), true}});
  return out;
}

void RunnerCore::on_offer(const wire::Offer& offer, Now now, Actions& out) {
  if (!linked()) return;
  const auto known = runs_.find(offer.run);
  const bool ended_here = std::any_of(pending_.begin(), pending_.end(),
                                      [&](const SpooledRecord& r) { return r.kind == wire::RecordKind::finished && r.run == offer.run; });
  if (ended_here || (known != runs_.end() && known->second.stage != Stage::dropped)) {
    out.push_back(Send{wire::Accept{offer.run}});  // said before; it was lost or is told twice
    return;
  }
  // A newer fence means that the hub has given up the older run of the same task.
  for (const wire::RunId& run : live())
    if (run.task == offer.run.task && run.fence < offer.run.fence) drop(run, out);
  if (auto why = refusal(offer)) {
    out.push_back(Send{wire::Refuse{offer.run, std::move(*why)}});
    return;
  }
  start(offer, now, out);
}

std::optional<std::string> RunnerCore::refusal(const wire::Offer& offer) const {
  if (draining()) return "this node takes no new work";
  for (const auto& [run, state] : runs_)
    if (run.task == offer.run.task && run.fence >= offer.run.fence) return fmt::format("{} was given up or is superseded here", run.task);
  const auto worker = workers_.find(offer.worker);
  if (worker == workers_.end() || worker->second.gone) return fmt::format("there is no worker '{}' here", offer.worker);
  if (!takes(worker->second.info.kind, offer.spec.kind))
    return fmt::format("worker '{}' of kind {} does not take tasks of kind {}", offer.worker, worker->second.info.kind,
                       wire::to_string(offer.spec.kind));
  if (free_slots(offer.worker) <= 0) return fmt::format("all {} slots of worker '{}' are taken", worker->second.info.slots, offer.worker);
  const auto exclusive = [this](const wire::Offer& o) {
    const auto w = workers_.find(o.worker);
    return o.spec.exclusive || (w != workers_.end() && w->second.info.exclusive);
  };
  for (const auto& [run, state] : runs_)
    if (exclusive(state.offer)) return fmt::format("{} runs here exclusively", run.task);
  if (exclusive(offer) && !runs_.empty()) return "other runs are still working here, and this one wants the machine to itself";
  return std::nullopt;
}

void RunnerCore::start(const wire::Offer& offer, Now now, Actions& out) {
  out.push_back(Send{wire::Accept{offer.run}});
  adopt(offer, now);
  json::object body;
  body["worker"] = offer.worker;
  body["attempt"] = offer.attempt;
  append(offer.run, wire::RecordKind::started, std::move(body), now, false, out);
  out.push_back(Start{offer});
}

void RunnerCore::on_cancel(const wire::RunId& run, Actions& out) {
  const auto it = runs_.find(run);
  if (it == runs_.end() || it->second.stage != Stage::running) return;  // its end is on the way
  it->second.stage = Stage::cancelled;
  out.push_back(StopRun{run, StopCause::cancelled});
}

void RunnerCore::drop(const wire::RunId& run, Actions& out) {
  const auto it = runs_.find(run);
  if (it == runs_.end() || it->second.stage == Stage::dropped || it->second.stage == Stage::ending) return;
  it->second.stage = Stage::dropped;
  out.push_back(StopRun{run, StopCause::dropped});
}

Actions RunnerCore::activity(const wire::RunId& run, wire::Activity what, Now now) {
  Actions out;
  const auto it = runs_.find(run);
  if (it == runs_.end()) return out;
  what.task = run.task;
  what.fence = run.fence;
  what.title = it->second.offer.spec.title;
  what.since_ms = it->second.activity.since_ms;
  it->second.activity = std::move(what);
  mark(it->second.offer.worker);
  say_doing(now, out);
  return out;
}

Actions RunnerCore::tick(Now now) {
  Actions out;
  say_doing(now, out);
  return out;
}

std::optional<SteadyTime> RunnerCore::next_tick() const {
  std::optional<SteadyTime> next;
  if (!linked()) return next;
  for (const auto& [name, worker] : workers_) {
    if (!worker.dirty) continue;
    const SteadyTime due = worker.said_at ? *worker.said_at + limits_.doing_gap : SteadyTime{};
    if (!next || due < *next) next = due;
  }
  return next;
}

void RunnerCore::say_doing(Now now, Actions& out) {
  if (!linked()) return;
  for (auto& [name, worker] : workers_) {
    if (!worker.dirty || (worker.said_at && now.steady < *worker.said_at + limits_.doing_gap)) continue;
    worker.dirty = false;
    worker.said_at = now.steady;
    wire::Doing doing{name, {}};
    for (const auto& [run, state] : runs_)
      if (state.offer.worker == name && state.stage != Stage::dropped) doing.activities.push_back(state.activity);
    out.push_back(Send{std::move(doing)});
  }
}

void RunnerCore::mark(const std::string& worker) {
  const auto it = workers_.find(worker);
  if (it != workers_.end()) it->second.dirty = true;
}

void RunnerCore::mark_all() {
  for (auto& [name, worker] : workers_) {
    worker.dirty = used_slots(name) > 0;
    worker.said_at.reset();
  }
}

void RunnerCore::forget(const wire::RunId& run, Actions& out) {
  const auto it = runs_.find(run);
  if (it == runs_.end()) return;
  const std::string worker = it->second.offer.worker;
  const bool given_back = it->second.given_back;
  runs_.erase(it);
  out.push_back(Forget{run});
  if (given_back && linked()) out.push_back(Send{wire::Refuse{run, "its node goes away for a moment"}});
  mark(worker);
  if (const auto w = workers_.find(worker); w != workers_.end() && w->second.gone && used_slots(worker) == 0) workers_.erase(w);
  leave_if_settled(out);
}

std::vector<wire::RunId> RunnerCore::live() const {
  std::vector<wire::RunId> out;
  for (const auto& [run, state] : runs_) out.push_back(run);
  return out;
}

int RunnerCore::used_slots(std::string_view worker) const {
  return static_cast<int>(std::count_if(runs_.begin(), runs_.end(), [&](const auto& r) { return r.second.offer.worker == worker; }));
}

int RunnerCore::free_slots(std::string_view worker) const {
  const auto it = workers_.find(worker);
  if (it == workers_.end() || it->second.gone) return 0;
  return std::max(0, it->second.info.slots - used_slots(worker));
}

}  // namespace flotte::work
