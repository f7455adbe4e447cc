// home: runner, executors and the in-process link.
#include "hub/home.hpp"

#include <sys/sysinfo.h>
#include <sys/utsname.h>

#include <cstdlib>

#include "base/async/blocking.hpp"
#include "base/async/post.hpp"
#include "base/async/wait.hpp"
#include "base/log.hpp"
#include "hub/config.hpp"
#include "machine/wake.hpp"
#include "machine/watch.hpp"
#include "work/defined_workers.hpp"
#include "work/document/document.hpp"
#include "work/prompt/prompt.hpp"

namespace flotte::hub {
namespace {

constexpr std::chrono::milliseconds until_welcomed{50};     // how often the beat looks whether the link is there
constexpr std::chrono::milliseconds before_next_link{500};  // after the fleet closed one: its database may be in trouble
constexpr std::chrono::seconds patience{10};
constexpr std::chrono::seconds run_patience{8};  // for runs to end after they were given back

wire::HostInfo this_machine() {
  wire::HostInfo host;
  host.hostname = host_name();
  struct utsname name{};
  ::uname(&name);
  host.os = name.sysname;
  host.arch = name.machine;
  host.version = FLOTTE_VERSION;
  host.cpus = static_cast<int>(std::thread::hardware_concurrency());
  struct sysinfo memory{};
  if (::sysinfo(&memory) == 0) host.memory_mb = static_cast<std::int64_t>(memory.totalram) * memory.mem_unit / (1024 * 1024);
  return host;
}

}  // namespace

/// Both ends of the in-process link. The hub's end lives on the fleet loop, the runner's on home's loop; each posts to the other.
struct Home::State final : fleet::NodeConnection, work::Link, std::enable_shared_from_this<Home::State> {
  State(Options o, fleet::Fleet& f, store::Blobs& b, BlockingPool& pool)
      : options(std::move(o)),
        fleet(f),
        scope(loop.executor(), "home"),
        models(loop.executor(), options.hub, system_clock(), {}),
        blobs(pool, [&b](const std::string& id) { return b.path(id); }),
        reader(pool),
        commands(make_home_commands(options.data, options.url, options.limits, pool, b, std::make_shared<work::HubSteps>(models))),
        runner(loop.executor(), system_clock(), pool, *this,
               {{wire::TaskKind::command, commands},
                {wire::TaskKind::prompt, std::make_shared<work::PromptExecutor>(models)},
                {wire::TaskKind::document,
                 std::make_shared<work::DocumentExecutor>(models, blobs, reader, std::make_shared<work::HubSteps>(models))}},
               {options.data + "/home/spool", {}, {}}),
        watch(around(options), [this](const wire::Capacity& now) { measured(now); }, {}) {}

  // Fleet loop. After `detach` nothing is sent any more.
  void send(wire::ToNode message) override {
    if (detached) return;
    post_to(loop.executor(), [self = shared_from_this(), message = std::move(message)] { self->receive(message); });
  }
  void close(std::string reason) override {
    if (detached) return;
    log::info("home's link closed", {{"reason", reason}});
    post_to(options.fleet_executor, [self = shared_from_this()] { self->fleet.on_closed(*self); });
    post_to(loop.executor(), [self = shared_from_this()] {
      if (self->closed) return;
      self->runner.link_down();
      self->lease_ms = 0;
      self->scope.spawn("next link", self->attach_again());
    });
  }
  void detach() {
    detached = true;
    fleet.on_closed(*this);
  }
  // Home's loop.
  void send(const wire::ToHub& message) override {
    wire::ToHub out = message;
    if (auto* hello = std::get_if<wire::Hello>(&out)) {
      hello->node = "home";
      hello->host = host;
    } else if (auto* announced = std::get_if<wire::Announce>(&out)) {
      announced->host = host;
    }
    post_to(options.fleet_executor, [self = shared_from_this(), out = std::move(out)] {
      if (!self->detached) self->fleet.on_message(*self, out);
    });
  }
  void receive(const wire::ToNode& message) {
    if (closed) return;
    if (const auto* wake = std::get_if<wire::Wake>(&message)) return wake_another(*wake);
    if (const auto* define = std::get_if<wire::Define>(&message)) defined = define->workers;
    const auto* welcome = std::get_if<wire::Welcome>(&message);
    if (welcome) {
      lease_ms = welcome->lease_ms;
      commands->set_lease(milliseconds(lease_ms));
      defined = welcome->workers;
    }
    runner.on_message(message);
    if (std::holds_alternative<wire::Define>(message) || (welcome && !defined.empty())) say_all();
  }
  static void wake_another(const wire::Wake& wake) {
    const auto sent = machine::send_magic_packets(wake.cards);
    if (sent)
      log::info("called a machine that sleeps", {{"node", wake.node}, {"packets", *sent}});
    else
      log::warning("a machine that sleeps could not be called", {{"node", wake.node}, {"error", sent.error().text()}});
  }
  /// What it has, what it cannot use and who works here, put together anew and told.
  void say_all() {
    work::WorkerPlan plan = work::plan_workers(workers, defined);
    host.seen = unusable;
    for (wire::Seen& agent : machine::describe_agents(host.capacity.agents)) host.seen.push_back(std::move(agent));
    for (wire::Seen& refused : plan.refused) host.seen.push_back(std::move(refused));
    if (!closed) runner.announce(engines, std::move(plan.workers));
  }
  void measured(const wire::Capacity& now) {
    host.capacity = now;
    say_all();
  }
  static machine::Surroundings around(const Options& options) {
    machine::Surroundings out = machine::Surroundings::here(options.data);
    out.agents = options.find;
    return out;
  }
  void attach() {
    post_to(options.fleet_executor, [self = shared_from_this()] {
      if (!self->detached) self->fleet.attach(*self, fleet::Fleet::Trust::home);
    });
  }
  Awaitable<void> attach_again() {
    const bool rested = co_await sleep_for(before_next_link);
    if (rested) attach();
  }
  Awaitable<void> run_beats() {
    for (std::int64_t number = 1;; ++number) {
      const auto wait = lease_ms > 0 ? std::chrono::milliseconds(lease_ms / 3) : until_welcomed;
      if (!co_await sleep_for(wait)) co_return;
      if (lease_ms == 0) continue;
      double load = 0;
      ::getloadavg(&load, 1);
      const wire::ToHub beat = wire::Beat{number, load};
      send(beat);
    }
  }

  Options options;
  fleet::Fleet& fleet;
  Loop loop{"home"};
  Scope scope;
  wire::HostInfo host = this_machine();
  work::GatewayClient models;
  work::FileBlobSource blobs;
  work::DocumentReader reader;
  std::shared_ptr<work::ConfinedCommands> commands;
  work::Runner runner;
  std::vector<wire::EngineInfo> engines;  // home's loop
  std::vector<wire::WorkerInfo> workers;  // home's loop
  std::vector<wire::WorkerInfo> defined;  // home's loop: at the hub
  std::vector<wire::Seen> unusable;       // home's loop: what the hub says of this machine
  machine::Watch watch;
  std::int64_t lease_ms = 0;
  bool closed = false;    // home's loop: the runner has ended
  bool detached = false;  // fleet loop: the fleet has let go of it
};

Home::Home(Options options, fleet::Fleet& fleet, store::Blobs& blobs, BlockingPool& pool)
    : state_(std::make_shared<State>(std::move(options), fleet, blobs, pool)) {}
Home::~Home() { stop(); }

Result<void> Home::start() {
  if (auto started = state_->runner.start(); !started) return started;
  running_ = true;
  state_->loop.start();
  state_->loop.post([self = state_] {
    self->attach();
    self->scope.spawn("beats", self->run_beats());
    self->scope.spawn("capacity", self->watch.run());
  });
  return {};
}

void Home::announce(std::vector<wire::WorkerInfo> workers) {
  if (state_->detached) return;
  state_->loop.post([self = state_, workers = std::move(workers)]() mutable {
    self->workers = std::move(workers);
    self->say_all();
  });
}

void Home::announce_engines(std::vector<wire::EngineInfo> engines) {
  if (state_->detached) return;
  state_->loop.post([self = state_, engines = std::move(engines)]() mutable {
    self->engines = std::move(engines);
    self->say_all();
  });
}

void Home::show_unusable(std::vector<wire::Seen> seen) {
  if (state_->detached) return;
  state_->loop.post([self = state_, seen = std::move(seen)]() mutable {
    if (self->unusable == seen) return;
    self->unusable = std::move(seen);
    self->say_all();
  });
}

Awaitable<void> Home::end_runs(std::shared_ptr<State> state, work::Away how) {
  co_await state->runner.leave(how, run_patience);
  state->closed = true;
  co_await state->scope.close();
}
Awaitable<void> Home::detach(std::shared_ptr<State> state) {
  state->detach();
  co_return;
}
Awaitable<void> Home::run_what_waits() { co_return; }

void Home::stop(work::Away how) {
  if (!std::exchange(running_, false)) return;
  state_->watch.stop();
  const Executor here = state_->loop.executor();
  if (!run_blocking(here, end_runs(state_, how), patience)) log::error("home did not end in time");
  // What waits in a loop that has ended would keep it alive for ever: the fleet lets go of it, then its queue runs empty.
  if (!run_blocking(state_->options.fleet_executor, detach(state_), patience)) log::error("the fleet did not let go of home in time");
  if (!run_blocking(here, run_what_waits(), patience)) log::error("home's loop did not end in time");
  state_->loop.stop();
  state_->loop.join();
}

}  // namespace flotte::hub
