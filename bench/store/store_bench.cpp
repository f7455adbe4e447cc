// Tasks per second through the fleet and its store on a real file: many submitters, one node in this process that accepts everything
// and finishes it at once. Every submit, claim, acceptance and result is durable (synchronous=FULL) before it is answered.
// usage: store_bench [--json] [--tasks N] [--submitters N] [DIRECTORY]
#include <fmt/format.h>
#include <stdlib.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "base/async/loop.hpp"
#include "base/async/scope.hpp"
#include "base/async/wait.hpp"
#include "base/log.hpp"
#include "fleet/fleet.hpp"
#include "fleet/migrations.hpp"
#include "raw.hpp"
#include "store/store.hpp"

namespace flotte::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;

class NoCredentials final : public fleet::Credentials {
 public:
  std::string run_key(std::int64_t, std::int64_t) override { return "fr_bench"; }
  std::string stream_ticket(std::string_view) override { return "ticket"; }
  Result<std::string> check_node(store::Transaction&, const wire::Hello& hello, std::string_view, std::string_view) override {
    return hello.node;
  }
};

/// A node on the fleet loop. What one turn of the loop brings is answered together, as a link would gather it.
class InstantNode final : public fleet::NodeConnection {
 public:
  InstantNode(fleet::Fleet& fleet, Loop& loop) : fleet_(fleet), loop_(loop) {}
  void send(wire::ToNode message) override {
    auto* offer = std::get_if<wire::Offer>(&message);
    if (!offer) return;
    offers_.push_back(offer->run);
    if (offers_.size() == 1) loop_.post([this] { answer(); });
  }
  void close(std::string) override {}

  std::function<void()> on_offer;

 private:
  void answer() {
    const std::vector<wire::RunId> runs = std::exchange(offers_, {});
    if (on_offer) on_offer();
    wire::Records records;
    wire::Finished finished;
    finished.outcome = "succeeded";
    finished.target = "engine@home/bench";
    finished.usage = {100, 0, 20, 0};
    finished.result = json::object{{"text", "a short answer, as a model gives it"}};
    for (const wire::RunId& run : runs) {
      fleet_.on_message(*this, wire::Accept{run});
      records.items.push_back({++number_, run, wire::RecordKind::finished, 0, finished.to_json()});
    }
    fleet_.on_message(*this, records);
  }
  fleet::Fleet& fleet_;
  Loop& loop_;
  std::vector<wire::RunId> offers_;
  std::int64_t number_ = 0;
};

wire::TaskSpec a_document() {
  wire::TaskSpec spec;
  spec.kind = wire::TaskKind::document;
  spec.model = "bench";
  spec.input = {
      {"name", "letters/2026-03-11.md"}, {"blob", std::string(64, 'a')}, {"prompt", "Summarise this document in three sentences."}};
  return spec;
}

/// One submitter: the next task when the last one was acknowledged.
Awaitable<void> submit_tasks(fleet::Fleet& fleet, std::atomic<int>& left) {
  while (left.fetch_sub(1) > 0) {
    fleet::Submission submission;
    submission.owner = "bench";
    submission.spec = a_document();
    const auto task = co_await fleet.submit(std::move(submission));
    if (!task) {
      fmt::print(stderr, "store_bench: {}\n", task.error().text());
      ::_exit(1);
    }
  }
}

Awaitable<void> submit_batch(fleet::Fleet& fleet, std::int64_t batch, int from, int to, std::promise<void>& done) {
  for (int at = from; at < to; at += 500) {
    std::vector<fleet::BatchItem> items;
    for (int i = at; i < std::min(to, at + 500); ++i) {
      fleet::BatchItem item;
      item.index = i;
      item.spec = a_document();
      items.push_back(std::move(item));
    }
    const auto added = co_await fleet.submit_many(batch, std::move(items));
    if (!added) {
      fmt::print(stderr, "store_bench: {}\n", added.error().text());
      ::_exit(1);
    }
  }
  done.set_value();
}

/// Submit to offer, one at a time on an idle node; microseconds.
Awaitable<void> measure_starts(fleet::Fleet& fleet, std::atomic<std::int64_t>& offered_at, int count,
                               std::promise<std::vector<double>>& said) {
  std::vector<double> times;
  for (int i = 0; i < count; ++i) {
    fleet::Submission submission;
    submission.owner = "bench";
    submission.spec = a_document();
    offered_at = 0;
    const auto start = SteadyClock::now();
    (void)co_await fleet.submit(std::move(submission));
    while (offered_at == 0) co_await sleep_for(std::chrono::microseconds(200));
    times.push_back(static_cast<double>(offered_at - start.time_since_epoch().count()) / 1000);
    co_await sleep_for(std::chrono::milliseconds(3));  // its end is stored meanwhile: the next one finds an idle node
  }
  said.set_value(std::move(times));
}

struct Numbers {
  double sync_us = 0, raw_1 = 0, raw_64 = 0, raw_256 = 0;
  double single_tasks = 0, batch_tasks = 0, closures_per_commit = 0;
  double start_median_ms = 0, start_p99_ms = 0;
};

struct Settings {
  std::string directory;
  int tasks = 60'000, submitters = 512, slots = 512;
};

class Bench {
 public:
  explicit Bench(const Settings& settings) : settings_(settings) {
    store::Options options;
    options.path = settings_.directory + "/flotte.db";
    auto opened = store::Store::open(options, {fleet::migrations().begin(), fleet::migrations().end()});
    if (!opened) {
      fmt::print(stderr, "store_bench: {}\n", opened.error().text());
      ::_exit(1);
    }
    store_ = std::move(*opened);
    fleet::FleetOptions fleet_options;
    fleet_options.hub = "bench";
    fleet_options.policy.hand_out = 512;
    fleet_ = std::make_unique<fleet::Fleet>(
        *store_, credentials_, [this](std::function<void()> work) { fleet_loop_.post(std::move(work)); }, fleet_options);
    node_ = std::make_unique<InstantNode>(*fleet_, fleet_loop_);
    fleet_loop_.post([this] {
      fleet_->start();
      fleet_->attach(*node_, fleet::Fleet::Trust::home);
      wire::Hello hello;
      hello.node = "home";
      hello.workers = {{"bench", "model", "bench", settings_.slots, {}, false}};
      fleet_->on_message(*node_, hello);
    });
    fleet_loop_.start();
    gateway_.start();
  }
  ~Bench() {
    store_->close();
    gateway_.stop();
    gateway_.join();
    fleet_loop_.stop();
    fleet_loop_.join();
  }

  std::int64_t done() {
    std::promise<std::int64_t> count;
    fleet_loop_.post([&] {
      const auto worker = fleet_->worker("bench@home");
      count.set_value(worker ? worker->done : 0);
    });
    return count.get_future().get();
  }
  double until_done(std::int64_t target, SteadyClock::time_point start) {
    while (done() < target) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return std::chrono::duration<double>(SteadyClock::now() - start).count();
  }

  void single_tasks(Numbers& numbers) {
    const auto before = store_->counters();
    const std::int64_t target = done() + settings_.tasks;
    std::atomic<int> left = settings_.tasks;
    const auto start = SteadyClock::now();
    for (int i = 0; i < settings_.submitters; ++i) gateway_.post([this, &left] { scope_.spawn("submitter", submit_tasks(*fleet_, left)); });
    numbers.single_tasks = settings_.tasks / until_done(target, start);
    const auto after = store_->counters();
    numbers.closures_per_commit =
        static_cast<double>(after.closures - before.closures) / static_cast<double>(after.commits - before.commits);
  }

  void batch_tasks(Numbers& numbers) {
    std::promise<std::int64_t> made;
    fleet_->act<std::int64_t>([](fleet::Ledger& ledger) { return fleet::make_batch(ledger, {"bench", "bench", std::nullopt}); },
                              [&](Result<std::int64_t> batch) { made.set_value(batch.value_or(0)); });
    const std::int64_t batch = made.get_future().get();
    const std::int64_t target = done() + settings_.tasks;
    std::promise<void> submitted[2];
    const auto start = SteadyClock::now();
    for (int i = 0; i < 2; ++i)
      gateway_.post([&, i] {
        const int half = settings_.tasks / 2;
        scope_.spawn("batch", submit_batch(*fleet_, batch, i * half, (i + 1) * half, submitted[i]));
      });
    numbers.batch_tasks = settings_.tasks / until_done(target, start);
    for (auto& one : submitted) one.get_future().wait();
  }

  void starts(Numbers& numbers) {
    std::atomic<std::int64_t> offered_at = 0;
    node_->on_offer = [&] { offered_at = SteadyClock::now().time_since_epoch().count(); };
    std::promise<std::vector<double>> said;
    gateway_.post([&] { scope_.spawn("starts", measure_starts(*fleet_, offered_at, 1000, said)); });
    std::vector<double> times = said.get_future().get();
    std::sort(times.begin(), times.end());
    numbers.start_median_ms = times[times.size() / 2] / 1000;
    numbers.start_p99_ms = times[times.size() * 99 / 100] / 1000;
  }

 private:
  Settings settings_;
  Loop fleet_loop_{"fleet"}, gateway_{"gateway"};
  Scope scope_{gateway_.executor(), "bench"};
  NoCredentials credentials_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<fleet::Fleet> fleet_;
  std::unique_ptr<InstantNode> node_;
};

void print(const Numbers& n, bool as_json) {
  if (as_json) {
    fmt::print("{}\n", json::dump(json::object{{"sync_us", n.sync_us},
                                               {"raw_rows_per_s", json::object{{"1", n.raw_1}, {"64", n.raw_64}, {"256", n.raw_256}}},
                                               {"tasks_per_s", n.single_tasks},
                                               {"batch_tasks_per_s", n.batch_tasks},
                                               {"closures_per_commit", n.closures_per_commit},
                                               {"start_median_ms", n.start_median_ms},
                                               {"start_p99_ms", n.start_p99_ms}}));
    return;
  }
  fmt::print("fdatasync of 4 KiB               {:>10.0f} us\n", n.sync_us);
  fmt::print("SQLite alone, 1 row a commit     {:>10.0f} rows/s\n", n.raw_1);
  fmt::print("SQLite alone, 64 rows a commit   {:>10.0f} rows/s\n", n.raw_64);
  fmt::print("SQLite alone, 256 rows a commit  {:>10.0f} rows/s\n", n.raw_256);
  fmt::print("submit + claim + complete        {:>10.0f} tasks/s   ({:.0f} closures a commit)\n", n.single_tasks, n.closures_per_commit);
  fmt::print("the same for items of a batch    {:>10.0f} tasks/s\n", n.batch_tasks);
  fmt::print("submit to start, idle            {:>10.2f} ms median {:.2f} ms p99\n", n.start_median_ms, n.start_p99_ms);
}

int run(int argc, char** argv) {
  Settings settings;
  bool as_json = false;
  std::string parent = std::filesystem::temp_directory_path().string();
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--json")
      as_json = true;
    else if (word == "--tasks" && i + 1 < argc)
      settings.tasks = std::max(1000, std::atoi(argv[++i]));
    else if (word == "--submitters" && i + 1 < argc)
      settings.submitters = std::max(1, std::atoi(argv[++i]));
    else
      parent = word;
  }
  log::set_level(log::Level::warning);
  std::string pattern = parent + "/store-bench-XXXXXX";
  if (!::mkdtemp(pattern.data())) {
    fmt::print(stderr, "store_bench: cannot make a directory in {}\n", parent);
    return 1;
  }
  settings.directory = pattern;
  Numbers numbers;
  numbers.sync_us = sync_microseconds(pattern);
  numbers.raw_1 = raw_rows_per_second(pattern, 1);
  numbers.raw_64 = raw_rows_per_second(pattern, 64);
  numbers.raw_256 = raw_rows_per_second(pattern, 256);
  {
    Bench bench(settings);
    bench.single_tasks(numbers);
    bench.batch_tasks(numbers);
    bench.starts(numbers);
  }
  print(numbers, as_json);
  std::filesystem::remove_all(pattern);
  return 0;
}

}  // namespace
}  // namespace flotte::bench

int main(int argc, char** argv) { return flotte::bench::run(argc, argv); }
