// How long a claim takes when little waits and when much does, on a real file: a node that is linked says that it has slots, and hears its
// offers after the transaction that leased them is durable (synchronous=FULL).
// usage: claim_bench [--deep TASKS] [--flows N] [DIRECTORY]     prints JSON
#include <fmt/format.h>
#include <stdlib.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <future>
#include <string>
#include <vector>

#include "base/async/loop.hpp"
#include "base/log.hpp"
#include "fleet/fleet.hpp"
#include "fleet/migrations.hpp"
#include "fleet/tasks.hpp"
#include "raw.hpp"
#include "store/store.hpp"

namespace flotte::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;
constexpr int one_by_one = 400, rounds = 12, together = 64;

void die(const std::string& why) {
  fmt::print(stderr, "claim_bench: {}\n", why);
  ::_exit(1);
}

class NoCredentials final : public fleet::Credentials {
 public:
  std::string run_key(std::int64_t, std::int64_t) override { return "fr_bench"; }
  std::string stream_ticket(std::string_view) override { return "ticket"; }
  Result<std::string> check_node(store::Transaction&, const wire::Hello& hello, std::string_view, std::string_view) override {
    return hello.node;
  }
};

/// A node that takes so many tasks when it is told to, and finishes them when it is told to. Fleet loop.
class Taker final : public fleet::NodeConnection {
 public:
  explicit Taker(fleet::Fleet& fleet) : fleet_(fleet) {}
  void send(wire::ToNode message) override {
    if (std::holds_alternative<wire::Welcome>(message)) done_.set_value();
    if (const auto* offer = std::get_if<wire::Offer>(&message)) {
      held_.push_back(offer->run);
      if (held_.size() == wanted_) done_.set_value();
    }
    if (std::holds_alternative<wire::Acknowledge>(message)) done_.set_value();
  }
  void close(std::string why) override { die("the link was closed: " + why); }

  void link(Loop& loop) {
    step(loop, [this] {
      fleet_.attach(*this, fleet::Fleet::Trust::home);
      wire::Hello hello;
      hello.node = "home";
      hello.workers = workers(0);
      fleet_.on_message(*this, hello);
    });
  }
  /// Microseconds from saying that there are slots to the last offer.
  double take(Loop& loop, std::size_t count) {
    wanted_ = count;
    const auto begun = SteadyClock::now();
    step(loop, [this, count] { fleet_.on_message(*this, wire::Announce{{}, workers(static_cast<int>(count))}); });
    return std::chrono::duration<double, std::micro>(SteadyClock::now() - begun).count();
  }
  /// What it holds is done; nothing new comes meanwhile.
  void finish(Loop& loop) {
    step(loop, [this] {
      fleet_.on_message(*this, wire::Announce{{}, workers(0)});
      wire::Finished finished;
      finished.outcome = "succeeded";
      finished.result = json::object{{"text", "done"}};
      wire::Records records;
      for (const wire::RunId& run : std::exchange(held_, {})) {
        fleet_.on_message(*this, wire::Accept{run});
        records.items.push_back({++number_, run, wire::RecordKind::finished, 0, finished.to_json()});
      }
      fleet_.on_message(*this, records);
    });
  }

 private:
  static std::vector<wire::WorkerInfo> workers(int slots) {
    wire::WorkerInfo worker;
    worker.name = "bench";
    worker.kind = "model";
    worker.model = "bench";
    worker.slots = slots;
    return {worker};
  }
  template <class Work>
  void step(Loop& loop, Work work) {
    done_ = {};
    auto ended = done_.get_future();
    loop.post(work);
    if (ended.wait_for(std::chrono::seconds(30)) != std::future_status::ready) die("no answer within 30 s");
  }
  fleet::Fleet& fleet_;
  std::vector<wire::RunId> held_;
  std::size_t wanted_ = 0;
  std::int64_t number_ = 0;
  std::promise<void> done_;
};

struct Times {
  double one_us = 0, one_p99_us = 0, each_us = 0;  // a claim of one; one of many in the same transaction
};

class Queue {
 public:
  Queue(std::string directory, int tasks, int flows) : directory_(std::move(directory)) {
    std::filesystem::create_directory(directory_);
    store::Options options;
    options.path = directory_ + "/flotte.db";
    auto opened = store::Store::open(options, {fleet::migrations().begin(), fleet::migrations().end()});
    if (!opened) die(opened.error().text());
    store_ = std::move(*opened);
    fleet::FleetOptions fleet_options;
    fleet_options.hub = "bench";
    fleet_ = std::make_unique<fleet::Fleet>(
        *store_, credentials_, [this](std::function<void()> work) { loop_.post(std::move(work)); }, fleet_options);
    node_ = std::make_unique<Taker>(*fleet_);
    loop_.post([this] { fleet_->start(); });
    loop_.start();
    fill(tasks, flows);
    node_->link(loop_);
  }
  ~Queue() {
    store_->close();
    loop_.stop();
    loop_.join();
    std::filesystem::remove_all(directory_);
  }
  Queue(const Queue&) = delete;
  Queue& operator=(const Queue&) = delete;

  void measure(int count) {
    for (int i = 0; i < count; ++i) {
      ones_.push_back(node_->take(loop_, 1));
      node_->finish(loop_);
      --left_;
    }
  }
  void measure_together() {
    many_.push_back(node_->take(loop_, together) / together);
    node_->finish(loop_);
    left_ -= together;
  }
  /// What was taken is put back, so that a short queue stays as long as it was.
  void refill() {
    if (left_ < tasks_) fill(tasks_ - left_, flows_);
  }
  Times times() {
    Times out;
    std::sort(ones_.begin(), ones_.end());
    std::sort(many_.begin(), many_.end());
    out.one_us = ones_[ones_.size() / 2];
    out.one_p99_us = ones_[ones_.size() * 99 / 100];
    out.each_us = many_[many_.size() / 2];
    return out;
  }

 private:
  void fill(int tasks, int flows) {
    tasks_ = std::max(tasks_, tasks);
    flows_ = flows;
    left_ += tasks;
    for (int from = 0; from < tasks; from += 5000) {
      std::promise<void> stored;
      const int to = std::min(tasks, from + 5000);
      fleet_->act<bool>(
          [from, to, flows](fleet::Ledger& ledger) -> Result<bool> {
            wire::TaskSpec spec;
            spec.kind = wire::TaskKind::document;
            spec.model = "bench";
            spec.input = {
                {"name", "letters/2026-03-11.md"}, {"blob", std::string(64, 'a')}, {"prompt", "Summarise it in three sentences."}};
            fleet::NewTask facts;
            facts.owner = "bench";
            for (int i = from; i < to; ++i) {
              spec.project = fmt::format("project {}", i % flows);
              fleet::insert_task(ledger, facts, spec);
            }
            return true;
          },
          [&](Result<bool> r) {
            if (!r) die(r.error().text());
            stored.set_value();
          });
      stored.get_future().wait();
    }
  }

  std::string directory_;
  int tasks_ = 0, flows_ = 1, left_ = 0;
  std::vector<double> ones_, many_;
  Loop loop_{"fleet"};
  NoCredentials credentials_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<fleet::Fleet> fleet_;
  std::unique_ptr<Taker> node_;
};

json::object shown(const Times& t) { return {{"claim_us", t.one_us}, {"claim_p99_us", t.one_p99_us}, {"each_of_64_us", t.each_us}}; }

int run(int argc, char** argv) {
  int deep = 1'000'000, flows = 500;
  std::string parent = std::filesystem::temp_directory_path().string();
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--deep" && i + 1 < argc)
      deep = std::max(1000, std::atoi(argv[++i]));
    else if (word == "--flows" && i + 1 < argc)
      flows = std::max(1, std::atoi(argv[++i]));
    else
      parent = word;
  }
  log::set_level(log::Level::warning);
  std::string directory = parent + "/claim-bench-XXXXXX";
  if (!::mkdtemp(directory.data())) die("cannot make a directory in " + parent);
  json::object out;
  std::vector<double> syncs;
  {
    const auto begun = SteadyClock::now();
    Queue long_one(directory + "/deep", deep, flows), short_one(directory + "/short", 1000, 1), spread(directory + "/spread", 1000, flows);
    out["filled_s"] = std::chrono::duration<double>(SteadyClock::now() - begun).count();
    // By turns, so that whatever else the machine does touches all alike.
    for (int round = 0; round < rounds; ++round) {
      syncs.push_back(sync_microseconds(directory, 32));
      for (Queue* queue : {&short_one, &long_one, &spread}) {
        queue->measure(one_by_one / rounds);
        queue->measure_together();
        queue->refill();
      }
    }
    std::sort(syncs.begin(), syncs.end());
    out["sync_us"] = syncs[syncs.size() / 2];
    out["deep"] = shown(long_one.times());
    out["short"] = shown(short_one.times());
    out["spread"] = shown(spread.times());
  }
  fmt::print("{}\n", json::dump(out));
  std::filesystem::remove_all(directory);
  return 0;
}

}  // namespace
}  // namespace flotte::bench

int main(int argc, char** argv) { return flotte::bench::run(argc, argv); }
