// How RunnerCore begins a link and goes away: Hello, Welcome, runs that are given back or stay, Goodbye.
#include <algorithm>
#include <utility>

#include "work/runner_core.hpp"

namespace flotte::work {

void RunnerCore::on_challenge(Actions& out) {
  link_ = Link::greeting;
  sent_ = 0;
  sent_bytes_ = 0;
  reading_ = false;
  greeted_ = listed();
  wire::Hello hello;
  announce_due_ = false;
  hello.engines = engines_;
  for (const auto& [name, worker] : workers_)
    if (!worker.gone) hello.workers.push_back(worker.info);
  hello.running = greeted_;
  hello.spool_from = pending_.empty() ? 0 : pending_.front().number;
  hello.instance = instance_;
  out.push_back(Send{std::move(hello)});
}

void RunnerCore::on_welcome(const wire::Welcome& m, Now now, Actions& out) {
  if (link_ != Link::greeting) return;
  link_ = Link::up;
  stopped_by_hub_ = false;
  if (m.acknowledged >= next_number_)
    recover_numbers(m.acknowledged, now, out);
  else
    acknowledge(m.acknowledged, out);
  // Whatever the hub did not keep is not ours, named in `drop` or not.
  for (const wire::RunId& run : greeted_)
    if (std::find(m.keep.begin(), m.keep.end(), run) == m.keep.end()) drop(run, out);
  for (const wire::RunId& run : m.drop) drop(run, out);
  greeted_.clear();
  if (std::exchange(announce_due_, false)) {
    wire::Announce changed{.engines = engines_, .workers = {}};
    for (const auto& [name, worker] : workers_)
      if (!worker.gone) changed.workers.push_back(worker.info);
    out.push_back(Send{std::move(changed)});
  }
  mark_all();
  pump(out);
  leave_if_settled(out);
}

std::vector<wire::RunId> RunnerCore::listed() const {
  std::set<wire::RunId> out;
  for (const auto& [run, state] : runs_)
    if (state.stage != Stage::dropped) out.insert(run);
  // A run whose end the hub has not stored is still ours: else the hub would hand it out again and refuse its result.
  for (const SpooledRecord& record : pending_)
    if (record.kind == wire::RecordKind::finished) out.insert(record.run);
  return {out.begin(), out.end()};
}

Actions RunnerCore::link_down() {
  link_ = Link::down;
  reading_ = false;
  greeted_.clear();
  return {};
}

Actions RunnerCore::drain() {
  draining_ = true;
  return {};
}

Actions RunnerCore::away(Away how, const std::function<bool(const wire::Offer&)>& survives) {
  Actions out;
  leaving_ = how;
  said_goodbye_ = false;
  for (const wire::RunId& id : live()) {
    Run& run = runs_.at(id);
    run.stays = how != Away::ends && survives && run.stage != Stage::dropped && survives(run.offer);
    if (run.stays) continue;
    run.given_back = how != Away::ends && run.stage == Stage::running;
    drop(id, out);
  }
  leave_if_settled(out);
  return out;
}

Actions RunnerCore::hurry() {
  Actions out;
  if (leaving_ && *leaving_ != Away::restarts && linked() && !said_goodbye_) say_goodbye(out);
  return out;
}

Actions RunnerCore::back() {
  leaving_.reset();
  for (auto& [id, run] : runs_) run.stays = false;
  return {};
}

bool RunnerCore::settled() const {
  return std::all_of(runs_.begin(), runs_.end(), [](const auto& r) { return r.second.stays; });
}

void RunnerCore::leave_if_settled(Actions& out) {
  if (leaving_ && *leaving_ != Away::restarts && settled() && linked()) say_goodbye(out);
}

void RunnerCore::say_goodbye(Actions& out) {
  const bool sleeps = *leaving_ == Away::sleeps;
  said_goodbye_ = true;
  out.push_back(Send{wire::Goodbye{.sleeping = sleeps, .keeps = sleeps}});
  if (sleeps) link_ = Link::down;  // the hub hears nothing more on it
}

}  // namespace flotte::work
