// A node's process and disk.
#include "sim/node.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "sim/world.hpp"

namespace flotte::sim {
namespace {

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

std::vector<work::SpooledRecord> pending_of(const std::map<std::int64_t, wire::Record>& spool) {
  std::vector<work::SpooledRecord> out;
  for (const auto& [number, record] : spool) out.push_back({number, 200, record.run, record.kind});
  return out;
}

constexpr std::int64_t reserve = 64;  // small, so that it is used up

}  // namespace

Node::Node(World& world, std::string name) : world_(world), name_(std::move(name)) {}

std::vector<wire::WorkerInfo> Node::workers() {
  wire::WorkerInfo model, shell;
  model.name = model.model = "m", model.kind = "model", model.slots = 3;
  shell.name = "sh", shell.kind = "command", shell.slots = 2;
  return {model, shell};
}

work::Now Node::now() const { return {world_.time().steady(), world_.time().wall()}; }
milliseconds Node::some(milliseconds most) const {
  return milliseconds(static_cast<std::int64_t>(world_.random().below(static_cast<std::uint64_t>(most.count()) + 1)));
}

void Node::after(milliseconds delay, Schedule::Call call) {
  world_.time().after(delay, [this, generation = generation_, call = std::move(call)] { here(generation, call); });
}

void Node::here(int generation, Schedule::Call call) {
  if (!alive_ || generation != generation_) return;
  if (paused_)
    waiting_.emplace_back(generation, std::move(call));
  else
    call();
}

// ---- life and death -----------------------------------------------------------------------------------------------

void Node::boot() {
  if (alive_) return;
  alive_ = true;
  ++generation_;
  work::RunnerLimits limits;
  limits.window_records = 8;
  core_.emplace(limits, to_ms(world_.time().wall()), next_number_, pending_of(spool_));
  reserved_ = next_number_ + reserve;
  perform(core_->announce({}, workers()));
  for (auto& [run, shim] : shims_) {
    ++shim.heard;
    perform(core_->adopt(shim.offer, now()));
  }
  for (const auto& [run, shim] : std::map(shims_))
    if (shim.end) end_run(run, *shim.end);
  dial();
}

void Node::kill() {
  if (!alive_) return;
  alive_ = paused_ = asleep_ = false;
  ++generation_;
  waiting_.clear();
  running_.clear();
  ended_.clear();
  core_.reset();
  welcomed_ = syncing_ = sync_wanted_ = ticking_ = false;
  if (connection_) connection_->close_from_node();  // its kernel does
  connection_.reset();
  watch_shims();
}

void Node::lose_power() {
  if (!alive_) return;
  if (connection_) connection_->cut(world_.options().lease * 2);
  kill();
  shims_.clear();
  spool_.erase(spool_.upper_bound(synced_), spool_.end());
  next_number_ = reserved_;
}

void Node::lose_spool() {
  if (!alive_) return;
  lose_power();
  spool_.clear();
  next_number_ = reserved_ = 1;
  synced_ = 0;
}

void Node::pause() {
  if (!alive_ || paused_) return;
  paused_ = true;
  watch_shims();
}

void Node::resume() {
  if (!paused_) return;
  paused_ = false;
  for (auto& [run, shim] : shims_) ++shim.heard;
  while (!waiting_.empty() && !paused_) {
    auto [generation, call] = std::move(waiting_.front());
    waiting_.pop_front();
    here(generation, std::move(call));
  }
}

void Node::leave() {
  if (!alive_ || paused_) return;
  perform(core_->away(work::Away::ends));
  after(world_.options().lease / 2, [this] { kill(); });
}

void Node::sleep(milliseconds time) {
  if (!alive_ || paused_ || asleep_) return;
  asleep_ = true;
  perform(core_->away(work::Away::sleeps, [](const wire::Offer& o) { return o.spec.kind == wire::TaskKind::command; }));
  after(world_.options().lease / 6, [this, time] {
    perform(core_->hurry());
    after(world_.options().delay * 2, [this, time] {
      if (connection_) connection_->close_from_node();
      connection_.reset();
      welcomed_ = false;
      perform(core_->link_down());
      paused_ = true;
      world_.time().after(time, [this, generation = generation_] {
        if (alive_ && generation == generation_) wake();
      });
    });
  });
}

void Node::wake() {
  asleep_ = false;
  perform(core_->link_down());
  perform(core_->back());
  const int generation = generation_;
  resume();  // what waited may have ended it
  if (alive_ && generation == generation_) dial();
}

void Node::cut() {
  if (connection_) connection_->cut(world_.options().lease * 2);
}

/// A shim that hears of no node for one lease ends its command.
void Node::watch_shims() {
  for (const auto& [run, shim] : shims_) {
    const int heard = shim.heard;
    world_.time().after(world_.options().lease, [this, run = run, heard] {
      const auto it = shims_.find(run);
      if (it == shims_.end() || it->second.end || (alive_ && !paused_)) return;
      if (it->second.heard != heard) return;
      wire::Finished f;
      f.outcome = "failed";
      f.error = Error(Code::closed, "its node was away");
      it->second.end = f;
      if (alive_) after(milliseconds(0), [this, run, f] { end_run(run, f); });
    });
  }
}

// ---- performing ---------------------------------------------------------------------------------------------------

void Node::perform(work::Actions actions) {
  std::deque<work::Action> queue(std::make_move_iterator(actions.begin()), std::make_move_iterator(actions.end()));
  while (!queue.empty()) {
    const work::Action action = std::move(queue.front());
    queue.pop_front();
    std::visit(Overloaded{
                   [&](const work::Send& a) {
                     wire::ToHub message = a.message;
                     if (auto* hello = std::get_if<wire::Hello>(&message)) {
                       hello->node = name_;
                       check_hello(*hello);
                     }
                     if (connection_) connection_->send_to_hub(message);
                   },
                   [&](const work::Start& a) { begin(a.offer); },
                   [&](const work::StopRun& a) { stop_run(a); },
                   [&](const work::Append& a) { append(a); },
                   [&](const work::Discard& a) {
                     spool_.erase(spool_.begin(), spool_.upper_bound(a.up_to));
                     next_number_ = std::max(next_number_, a.up_to + 1);
                   },
                   [&](const work::ReadBack& a) {
                     std::vector<wire::Record> records;
                     for (auto it = spool_.upper_bound(a.after); it != spool_.end() && records.size() < 5; ++it)
                       records.push_back(it->second);
                     for (work::Action& more : core_->read_back(records, now())) queue.push_back(std::move(more));
                   },
                   [&](const work::Forget& a) { shims_.erase(a.run); },
               },
               action);
  }
  if (core_) plan_tick();
}

/// A result that lies in the spool must not be given up: it would be worked for, and paid for, again.
void Node::check_hello(const wire::Hello& hello) const {
  for (const auto& [number, record] : spool_) {
    if (record.kind != wire::RecordKind::finished) continue;
    EXPECT_EQ(std::count(hello.running.begin(), hello.running.end(), record.run), 1) << name_ << " does not list " << record.run.task;
  }
}

/// What is no longer ours ends soon, with all its children.
void Node::expect_gone(const std::vector<wire::RunId>& runs) {
  for (const wire::RunId& run : runs)
    after(seconds(1) + world_.options().sync_time * 2, [this, run] {
      const std::vector<wire::RunId> live = core_->live();
      EXPECT_EQ(std::count(live.begin(), live.end(), run), 0) << name_ << " goes on with " << run.task << ", which it was told to drop";
    });
}

void Node::append(const work::Append& a) {
  EXPECT_GE(a.record.number, next_number_) << name_ << ": a number was used twice";
  spool_[a.record.number] = a.record;
  next_number_ = a.record.number + 1;
  if (next_number_ > reserved_) reserved_ = next_number_ + reserve;
  if (!a.durable) return;
  sync_wanted_ = true;
  plan_sync();
}

void Node::plan_sync() {
  if (syncing_ || !sync_wanted_) return;
  syncing_ = true;
  sync_wanted_ = false;
  const std::int64_t up_to = next_number_ - 1;
  after(some(world_.options().sync_time), [this, up_to] {
    syncing_ = false;
    synced_ = std::max(synced_, up_to);
    perform(core_->synced(up_to, now()));
    plan_sync();
  });
}

void Node::plan_tick() {
  const auto due = core_->next_tick();
  if (ticking_ || !due) return;
  ticking_ = true;
  after(std::max(*due - world_.time().steady(), milliseconds(1)), [this] {
    ticking_ = false;
    perform(core_->tick(now()));
  });
}

// ---- runs ---------------------------------------------------------------------------------------------------------

wire::Finished Node::outcome_of(const wire::Offer& offer) const {
  wire::Finished f;
  if (world_.faulty() && world_.random().one_in(static_cast<std::uint64_t>(world_.options().fail_one_in))) {
    f.outcome = "failed";
    f.error = Error(Code::unavailable, "the dice said so");
    f.retryable = !world_.random().one_in(4);
    return f;
  }
  f.outcome = "succeeded";
  f.usage.output_tokens = 1;
  json::object result;
  result["fence"] = offer.run.fence;
  result["node"] = name_;
  f.result = std::move(result);
  return f;
}

void Node::begin(const wire::Offer& offer) {
  world_.started(offer, name_);
  if (offer.spec.kind == wire::TaskKind::command) return begin_shim(offer);
  EXPECT_FALSE(running_.contains(offer.run)) << "started twice";
  running_.insert(offer.run);
  milliseconds time = some(world_.options().run_time);
  if (world_.random().one_in(10)) time *= 4;
  for (int i = 1; i <= 3; ++i)
    after(time * i / 4, [this, i, run = offer.run] {
      if (!running_.contains(run)) return;
      if (i == 2) world_.buy(run);
      perform(core_->output(run, "out", "some words", now()));
      perform(core_->activity(run, {}, now()));
    });
  after(time, [this, offer] { end_run(offer.run, outcome_of(offer)); });
}

void Node::begin_shim(const wire::Offer& offer) {
  EXPECT_FALSE(shims_.contains(offer.run)) << "started twice";
  Shim& shim = shims_[offer.run];
  shim.offer = offer;
  milliseconds time = some(world_.options().run_time);
  if (world_.random().one_in(10)) time *= 4;
  world_.time().after(time, [this, offer] {
    const auto it = shims_.find(offer.run);
    if (it == shims_.end() || it->second.end) return;
    it->second.end = outcome_of(offer);
    if (alive_)
      after(milliseconds(0), [this, run = offer.run] {
        if (const auto found = shims_.find(run); found != shims_.end()) end_run(run, *found->second.end);
      });
  });
}

void Node::stop_run(const work::StopRun& stop) {
  if (const auto it = shims_.find(stop.run); it != shims_.end() && it->second.end) return;  // its end is on the way
  wire::Finished f;
  f.outcome = "cancelled";
  after(some(milliseconds(300)), [this, run = stop.run, f] {
    if (const auto it = shims_.find(run); it != shims_.end()) {
      if (it->second.end) return;
      it->second.end = f;
    }
    end_run(run, f);
  });
}

void Node::end_run(const wire::RunId& run, wire::Finished finished) {
  const std::vector<wire::RunId> live = core_->live();
  if (std::find(live.begin(), live.end(), run) == live.end() || !ended_.insert(run).second) return;
  running_.erase(run);
  perform(core_->ended(run, std::move(finished), now()));
}

// ---- link ---------------------------------------------------------------------------------------------------------

void Node::dial() {
  if (connection_ || asleep_) return;
  ++link_;
  if (!world_.hub_up()) {
    after(milliseconds(100) + some(milliseconds(400)), [this] { dial(); });
    return;
  }
  welcomed_ = false;
  heard_at_ = world_.time().now();
  connection_ = world_.connect(*this);
  plan_beat(link_);
}

void Node::hang_up() {
  if (!connection_) return;
  connection_->close_from_node();
  connection_.reset();
  welcomed_ = false;
  perform(core_->link_down());
  after(some(milliseconds(500)), [this] { dial(); });
}

void Node::plan_beat(int link) {
  after(world_.options().lease / 3, [this, link] {
    if (link != link_ || !connection_) return;
    if (world_.time().now() - heard_at_ > world_.options().lease) return hang_up();
    if (welcomed_) connection_->send_to_hub(wire::Beat{++beats_, 0});
    plan_beat(link);
  });
}

void Node::receive(const std::shared_ptr<Connection>& on, int generation, wire::ToNode message) {
  here(generation, [this, on, message = std::move(message)] {
    if (on != connection_) return;
    heard_at_ = world_.time().now();
    if (std::holds_alternative<wire::Welcome>(message)) welcomed_ = true;
    perform(core_->on(message, now()));
    if (const auto* welcome = std::get_if<wire::Welcome>(&message)) expect_gone(welcome->drop);
    if (const auto* drop = std::get_if<wire::Drop>(&message)) expect_gone(drop->runs);
  });
}

void Node::link_lost(const std::shared_ptr<Connection>& on, int generation) {
  here(generation, [this, on] {
    if (on == connection_) hang_up();
  });
}

std::string Node::state() const {
  if (!alive_) return name_ + ": dead";
  return fmt::format("{}: {}{}, {} runs, {} unacknowledged, {} shims", name_, paused_ ? "stopped, " : "",
                     core_->linked() ? "linked" : "not linked", core_->live().size(), core_->unacknowledged(), shims_.size());
}

}  // namespace flotte::sim
