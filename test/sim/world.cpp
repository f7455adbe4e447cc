// The hub, the client and the faults.
#include "sim/world.hpp"

#include <fmt/format.h>

#include "fleet/migrations.hpp"
#include "store/migration.hpp"

namespace flotte::sim {
namespace {
constexpr milliseconds bound{600'000};     // I7: everything has ended that long after the last fault
constexpr std::uint64_t check_every = 32;  // steps
}  // namespace

class World::Keys final : public fleet::Credentials {
 public:
  std::string run_key(std::int64_t task, std::int64_t fence) override { return fmt::format("fr_{}_{}", task, fence); }
  std::string stream_ticket(std::string_view node) override { return "ticket of " + std::string(node); }
  Result<std::string> check_node(store::Transaction&, const wire::Hello& hello, std::string_view, std::string_view) override {
    return hello.node;
  }
};

World::World(Options options) : options_(std::move(options)), random_(options_.seed * 7919 + 1), keys_(std::make_unique<Keys>()) {
  const auto steps = fleet::migrations();
  store_ = store::Store::inline_for_tests(time_, {steps.begin(), steps.end()});
  for (int i = 0; i < options_.nodes; ++i) nodes_.push_back(std::make_unique<Node>(*this, fmt::format("node{}", i + 1)));
  if (options_.home) nodes_.push_back(std::make_unique<Node>(*this, "home"));
}

World::~World() { kill_hub(); }

milliseconds World::some(milliseconds most) {
  return milliseconds(static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(most.count()) + 1)));
}

// ---- the hub ------------------------------------------------------------------------------------------------------

void World::start_hub() {
  if (fleet_) return;
  const int generation = ++hub_generation_;
  fleet::FleetOptions options;
  last_answer_ = time_.now();
  options.hub = "sim";
  options.policy.lease = options_.lease;
  options.policy.offer_timeout = std::max(options_.lease / 3, options_.delay * 3);
  options.policy.backoff = 0.05;
  options.policy.suspend_grace = options_.lease * 3;
  options.seed = random_.next();
  // What a dead hub had planned does not happen: its transactions are done, its answers are not given.
  const auto post = [this, generation](std::function<void()> work) {
    last_answer_ = std::max(last_answer_, time_.now() + some(options_.answer_time));
    time_.after(last_answer_ - time_.now(), [this, generation, work = std::move(work)] {
      if (fleet_ && generation == hub_generation_) work();
    });
  };
  fleet_ = std::make_unique<fleet::Fleet>(*store_, *keys_, post, std::move(options));
  checker_.hub_started(store_->now(), options.policy.lease);
  fleet_->start();
  plan_tick(generation);
  if (home()) home()->boot();
}

void World::kill_hub() {
  if (!fleet_) return;
  ++counts_["hub killed"];
  fleet_.reset();
  for (const auto& connection : connections_)
    if (connection->hub_generation() == hub_generation_) connection->hub_died();
  ++hub_generation_;
  full_ = 0;
  store_->fail_commits_for_tests(0);
  if (home()) home()->kill();
  if (faulty_) time_.after(some(options_.lease * 2), [this] { start_hub(); });
}

void World::plan_tick(int generation) {
  milliseconds wait = seconds(1);
  if (const auto due = fleet_->next_tick()) wait = std::clamp(*due - store_->now(), milliseconds(1), wait);
  time_.after(wait, [this, generation] {
    if (!fleet_ || generation != hub_generation_) return;
    fleet_->tick();
    plan_tick(generation);
  });
}

std::shared_ptr<Connection> World::connect(Node& node) {
  auto connection = std::make_shared<Connection>(*this, node);
  connections_.push_back(connection);
  ++counts_["links"];
  fleet_->attach(*connection, &node == home() ? fleet::Fleet::Trust::home : fleet::Fleet::Trust::signature);
  return connection;
}

void World::receive(Connection& connection, const wire::ToHub& message) {
  if (fleet_ && connection.hub_generation() == hub_generation_) fleet_->on_message(connection, message);
}

void World::closed(Connection& connection) {
  if (fleet_ && connection.hub_generation() == hub_generation_) fleet_->on_closed(connection);
}

void World::sent_to_node(const wire::ToNode& message) {
  if (const auto* offer = std::get_if<wire::Offer>(&message)) checker_.offered(offer->run);
  if (std::holds_alternative<wire::Drop>(message)) ++counts_["drops"];
}

void World::started(const wire::Offer& offer, const std::string&) {
  ++counts_["runs"];
  checker_.started(offer.run);
}

void World::buy(const wire::RunId& run) {
  constexpr std::int64_t price = 1'000'000;
  const std::int64_t task = wire::parse_id('t', run.task).value_or(0);
  ++counts_["bought"];
  checker_.sold(task, price);
  if (!fleet_) return;
  fleet_->act<bool>(
      [charge = fleet::Charge{task, run.fence, price}](fleet::Ledger& ledger) -> Result<bool> {
        fleet::charge(ledger, charge);
        return true;
      },
      [this, task](Result<bool> done) {
        if (done) checker_.paid(task, price);
      });
}

// ---- the client ---------------------------------------------------------------------------------------------------

wire::TaskSpec World::spec_of(int number) const {
  Random random(options_.seed * 1000 + static_cast<std::uint64_t>(number));
  wire::TaskSpec spec;
  spec.kind = random.one_in(3) ? wire::TaskKind::command : wire::TaskKind::prompt;
  spec.title = fmt::format("task {}", number);
  spec.max_attempts = random.one_in(4) ? 2 : 100;
  spec.priority = static_cast<int>(random.below(4));
  if (spec.kind == wire::TaskKind::command)
    spec.input = json::object{{"argv", json::array{"true"}}};
  else
    spec.input = json::object{{"prompt", "hello"}};
  if (random.one_in(3)) spec.concurrency = random.one_in(2) ? wire::Concurrency{"one", 1} : wire::Concurrency{"two", 2};
  if (random.one_in(8))
    spec.not_before = from_ms(1'700'000'000'000) + options_.client_gap * (number % 1000) + milliseconds(random.below(5000));
  if (random.one_in(6)) spec.node = fmt::format("node{}", 1 + random.below(static_cast<std::uint64_t>(options_.nodes)));
  return spec;
}

void World::plan_client() {
  milliseconds at{0};
  for (int i = 0; i < options_.tasks; ++i) {
    time_.after(at, [this, i] { submit(i); });
    at += some(options_.client_gap);
  }
  if (options_.batch_items > 0) time_.after(some(milliseconds(20'000)), [this] { submit_batch(0); });
}

/// As a client does: until it has an answer, the same again under the same key.
void World::submit(int number) {
  if (submitted_.contains(number)) return;
  time_.after(seconds(2), [this, number] { submit(number); });
  if (!fleet_) return;
  fleet::Submission submission{"sim", spec_of(number), fleet::Idempotency{fmt::format("key {}", number), fmt::format("hash {}", number)}};
  fleet_->act<fleet::Submitted>([submission](fleet::Ledger& ledger) { return fleet::submit(ledger, submission); },
                                [this, number](Result<fleet::Submitted> answer) {
                                  if (!answer && may_refuse(answer.error())) return;
                                  if (!answer) return judge({"a submission was refused: " + answer.error().text()});
                                  const auto [known, fresh] = submitted_.emplace(number, answer->task);
                                  if (!fresh && known->second != answer->task) judge({fmt::format("submission {} made two tasks", number)});
                                  checker_.acknowledged(answer->task);
                                  if (fresh && random_.one_in(static_cast<std::uint64_t>(options_.cancel_one_in)))
                                    time_.after(some(milliseconds(5000)), [this, task = answer->task] { cancel(task); });
                                });
}

void World::submit_batch(int step) {
  if (batch_sealed_) return;
  time_.after(seconds(2), [this, step] { submit_batch(step); });
  if (!fleet_) return;
  std::vector<fleet::BatchItem> items;
  for (int i = 0; i < options_.batch_items; ++i) {
    fleet::BatchItem item;
    item.index = i;
    item.spec = spec_of(1000 + i);
    item.spec.node.clear();
    items.push_back(std::move(item));
  }
  fleet_->act<std::int64_t>(
      [items](fleet::Ledger& ledger) -> Result<std::int64_t> {
        auto batch = fleet::make_batch(ledger, {"sim", "batch", fleet::Idempotency{"batch", "hash"}});
        if (!batch) return pass(batch);
        if (auto added = fleet::submit_many(ledger, *batch, items); !added) return pass(added);
        if (auto sealed = fleet::seal_batch(ledger, *batch); !sealed) return pass(sealed);
        return *batch;
      },
      [this](Result<std::int64_t> batch) {
        if (!batch && may_refuse(batch.error())) return;
        if (!batch) return judge({"the batch was refused: " + batch.error().text()});
        if (batch_ != 0 && batch_ != *batch) judge({"one key made two batches"});
        batch_ = *batch;
        batch_sealed_ = true;
      });
}

void World::cancel(std::int64_t task) {
  if (!fleet_) return;
  ++counts_["cancels"];
  fleet_->act<bool>(
      [task](fleet::Ledger& ledger) -> Result<bool> {
        if (auto done = fleet::cancel_task(ledger, task); !done && done.error().code != Code::conflict) return pass(done);
        return true;
      },
      [this](Result<bool> done) {
        if (!done && !may_refuse(done.error())) judge({"a cancel was refused: " + done.error().text()});
      });
}

// ---- faults -------------------------------------------------------------------------------------------------------

void World::plan_fault(int one_in, void (World::*fault)()) {
  if (one_in == 0) return;
  const milliseconds wait(1 + static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(one_in) * 2)));
  if (time_.now() + wait >= options_.faults_until) return;
  time_.after(wait, [this, one_in, fault] {
    if (!faulty_) return;
    (this->*fault)();
    plan_fault(one_in, fault);
  });
}

void World::plan_faults() {
  plan_fault(options_.cut, &World::cut_link);
  plan_fault(options_.kill_node, &World::kill_node);
  plan_fault(options_.power_cut, &World::power_cut);
  plan_fault(options_.pause_node, &World::pause_node);
  plan_fault(options_.kill_hub, &World::kill_hub);
  plan_fault(options_.lose_spool, &World::lose_spool);
  plan_fault(options_.leave_node, &World::leave_node);
  plan_fault(options_.suspend_node, &World::suspend_node);
  plan_fault(options_.fail_write, &World::fail_write);
  plan_fault(options_.fill_disk, &World::fill_disk);
}

void World::cut_link() {
  ++counts_["cuts"];
  any_node().cut();
}

void World::boot_later(Node& node) {
  time_.after(some(options_.lease * 3), [&node] { node.boot(); });
}

void World::kill_node() {
  ++counts_["node killed"];
  Node& node = any_node();
  node.kill();
  boot_later(node);
}

void World::power_cut() {
  ++counts_["power cuts"];
  Node& node = any_node();
  node.lose_power();
  boot_later(node);
}

void World::lose_spool() {
  ++counts_["spools lost"];
  Node& node = any_node();
  node.lose_spool();
  boot_later(node);
}

void World::pause_node() {
  ++counts_["node stopped"];
  Node& node = any_node();
  node.pause();
  time_.after(some(options_.lease * 4), [&node] { node.resume(); });
}

void World::suspend_node() {
  Node& node = any_node();
  if (&node == home()) return;  // it sleeps when the hub does
  ++counts_["node slept"];
  node.sleep(some(options_.lease * 6));
}

void World::leave_node() {
  ++counts_["node left"];
  Node& node = any_node();
  node.leave();
  time_.after(options_.lease, [this, &node] { boot_later(node); });
}

void World::fail_write() {
  if (full_ != 0) return;
  ++counts_["writes failed"];
  store_->fail_commits_for_tests(1);
}

void World::fill_disk() {
  if (full_ != 0) return;
  full_ = ++fills_;
  ++counts_["disk full"];
  store_->fail_commits_for_tests(1'000'000);
  const milliseconds length = some(options_.lease * 2);
  time_.after(length, [this, length, number = full_, generation = hub_generation_] {
    if (full_ != number) return;  // it came to another end
    full_ = 0;
    store_->fail_commits_for_tests(0);
    // A tick has seen it for certain: then the hub knows that beats were lost.
    if (fleet_ && generation == hub_generation_ && length > seconds(1) + options_.answer_time * 2)
      checker_.hub_started(store_->now(), options_.lease);
  });
}

void World::heal() {
  faulty_ = false;
  full_ = 0;
  store_->fail_commits_for_tests(0);
  start_hub();
  // What is under way (a node about to start, a stopped one) comes to its own end; this is for what would never.
  for (const auto& node : nodes_)
    time_.after(options_.lease * 4, [&node] {
      node->resume();
      node->boot();
    });
}

// ---- judging ------------------------------------------------------------------------------------------------------

void World::judge(std::vector<std::string> wrong) {
  for (std::string& w : wrong) wrong_.push_back(fmt::format("at {} ms: {}", time_.now().count(), std::move(w)));
}

bool World::settled() {
  if (static_cast<int>(submitted_.size()) < options_.tasks || (options_.batch_items > 0 && !batch_sealed_)) return false;
  if (checker_.open(*store_) > 0) return false;
  return std::all_of(nodes_.begin(), nodes_.end(), [](const auto& node) { return node->idle(); });
}

std::vector<std::string> World::run() {
  start_hub();
  for (const auto& node : nodes_) node->boot();
  plan_client();
  plan_faults();
  time_.after(options_.faults_until, [this] { heal(); });
  std::uint64_t steps = 0;
  while (wrong_.empty() && time_.step()) {
    if (++steps % check_every == 0) judge(checker_.check(*store_));
    if (faulty_ || steps % 64 != 0) continue;
    if (settled()) break;
    if (time_.now() > options_.faults_until + bound) {
      std::string left = fmt::format("I7: {} tasks have not ended", checker_.open(*store_));
      left += fmt::format(" at {}{}", to_ms(store_->now()), checker_.describe_open(*store_));
      for (const auto& node : nodes_) left += "; " + node->state();
      judge({left});
    }
  }
  counts_["steps"] = static_cast<int>(steps);
  if (wrong_.empty()) judge(checker_.check_end(*store_));
  return wrong_;
}

std::string World::summary() const {
  std::string out;
  for (const auto& [what, count] : counts_) out += fmt::format("{}{}: {}", out.empty() ? "" : ", ", what, count);
  return out;
}

}  // namespace flotte::sim
