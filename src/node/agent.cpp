// Wiring of a node.
#include "node/agent.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <future>

#include "base/async/blocking.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "base/places.hpp"
#include "engine/find/seen.hpp"
#include "machine/wake.hpp"
#include "wire/features.hpp"
#include "work/defined_workers.hpp"
#include "work/document/document.hpp"
#include "work/prompt/prompt.hpp"

namespace flotte::node {
namespace {

using namespace std::chrono_literals;
constexpr auto run_patience = 8s;        // for runs to end after they were given back
constexpr auto answer_patience = 10s;    // for answers that engines are giving to others
constexpr auto stop_patience = 40s;      // for each part of the end, whatever happens
constexpr auto link_patience = 2s;       // for the goodbye to get out
constexpr auto sleep_patience = 1500ms;  // for runs to end before the machine sleeps
constexpr auto longest_sleep = 24h;      // without a word of waking

wire::HostInfo host_info(const NodeConfig& config) {
  const Machine machine = describe_machine();
  wire::HostInfo out;
  out.hostname = host_name();
  out.os = machine.os;
  out.arch = machine.architecture;
  out.version = FLOTTE_VERSION;
  out.cpus = machine.cpus;
  out.memory_mb = machine.memory_mb;
  out.labels = config.labels;
  out.wake = config.wake;
  out.features = wire::feature_names();
  return out;
}

bool same(const std::vector<wire::WorkerInfo>& a, const std::vector<wire::WorkerInfo>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) { return x.to_json() == y.to_json(); });
}

}  // namespace

Agent::Agent(NodeConfig config, Membership membership, SigningKey key, HubAddress hub, std::function<void(Error)> on_end, Say say)
    : config_(std::move(config)),
      membership_(std::move(membership)),
      hub_(std::move(hub)),
      on_end_(std::move(on_end)),
      say_(std::move(say)),
      client_(work_.executor()),
      models_(work_.executor(), hub_.connector, system_clock(), {.base_path = hub_.base_path}),
      blobs_(models_.http(), hub_.connector, hub_.base_path),
      reader_(pool_),
      commands_(std::make_shared<work::ConfinedCommands>(
          pool_,
          work::CommandOptions{.runs_directory = config_.directory() + "/runs",
                               .url = hub_.url,
                               .keeper = std::make_shared<work::HttpBlobKeeper>(pool_, hub_.connector, hub_.base_path),
                               .steps = std::make_shared<work::HubSteps>(models_)},
          config_.limits)),
      link_({.node = membership_.node_name, .host = host_info(config_), .key = std::move(key), .hub = hub_}, work_.executor(),
            {.on_message = [this](const wire::ToNode& m) { on_message(m); },
             .on_down =
                 [this] {
                   link_is_down_ = true;
                   if (stopped_) return;
                   streams_.on_down();
                   runner_.link_down();
                 },
             .on_unreadable =
                 [this](const wire::RunId& run, const Error& why) {
                   if (!stopped_) runner_.on_unreadable(run, why);
                 },
             .on_away = away_teller()}),
      runner_(work_.executor(), system_clock(), pool_, link_, make_executors(),
              {.spool_directory = config_.directory() + "/spool", .limits = {}, .spool = {}}),
      streams_(
          work_.executor(), client_, hub_, membership_.node_name, [this](const std::string& name) { return engines_.connector(name); },
          config_.egress),
      engines_(work_.executor(), client_, config_.directory() + "/engines", [this] { announce(); }),
      finder_(engines_,
              {.models = config_.data + "/models",
               .ollama_host = environment("OLLAMA_HOST"),
               .own_port = 0,
               .configured = config_.engines,
               .memory_mb = machine::memory_for_models()},
              [this](const engine::Found& found) { on_look(found); }),
      host_(host_info(config_)),
      workers_(config_.workers),
      watch_(machine::Surroundings::here(config_.data),
             [this](const wire::Capacity& now) {
               host_.capacity = now;
               announce();
             },
             {}) {}

Agent::~Agent() { stop(); }

work::ExecutorTable Agent::make_executors() {
  return {{wire::TaskKind::prompt, std::make_shared<work::PromptExecutor>(models_)},
          {wire::TaskKind::document,
           std::make_shared<work::DocumentExecutor>(models_, blobs_, reader_, std::make_shared<work::HubSteps>(models_))},
          {wire::TaskKind::command, commands_}};
}

template <class T>
T Agent::on_work_loop(std::function<T()> work) {
  std::promise<T> promise;
  auto answer = promise.get_future();
  work_.post([&] { promise.set_value(work()); });
  return answer.get();
}

void Agent::await_on_work_loop(Awaitable<void> work) {
  if (!run_blocking(work_.executor(), std::move(work), stop_patience)) log::error("a part of the node did not stop in time");
}

Result<void> Agent::start() {
  work_.start();
  started_ = true;
  const std::function<Result<void>()> begin = [this] { return start_work(); };
  if (auto begun = on_work_loop(begin); !begun) return begun;
  link_.start();
  sleep_watch_ = std::make_unique<SleepWatch>(SleepWatch::Calls{
      .before_sleep = [this] { suspend(longest_sleep); },
      .after_sleep = [this] { resume(); },
      // What runs here dies with the machine: it is given back while there is time.
      .before_shutdown = [] { ::kill(::getpid(), SIGINT); },
  });
  return {};
}

Result<void> Agent::start_work() {
  announce();
  if (auto begun = runner_.start(); !begun) return begun;
  runner_started_ = true;
  for (const engine::EngineConfig& engine : config_.engines)
    if (auto added = engines_.add(engine); !added) return added;
  if (config_.find) engines_.scope().spawn("finder", finder_.run());
  engines_.scope().spawn("capacity", watch_.run());
  return {};
}

void Agent::announce() {
  if (stopped_) return;
  describe();
  const auto infos = engines_.infos();
  runner_.announce(infos, workers_);
  if (!say_) return;
  if (const std::string news = voice_.on_engines(infos); !news.empty()) say_(news);
}

std::function<void(const Error&)> Agent::away_teller() const {
  if (!say_) return {};
  return [say = say_, url = hub_.url](const Error& error) { say(Voice::on_away(url, error)); };
}

void Agent::describe() {
  work::WorkerPlan plan = work::plan_workers(config_.workers, defined_);
  workers_ = std::move(plan.workers);
  host_.seen = engine::describe_unusable(found_, engines_.infos());
  for (wire::Seen& agent : machine::describe_agents(host_.capacity.agents)) host_.seen.push_back(std::move(agent));
  for (wire::Seen& refused : plan.refused) host_.seen.push_back(std::move(refused));
  link_.set_host(host_);
}

void Agent::wake_another(const wire::Wake& wake) const {
  const auto sent = machine::send_magic_packets(wake.cards);
  if (sent)
    log::info("called a machine that sleeps", {{"node", wake.node}, {"packets", *sent}});
  else
    log::warning("a machine that sleeps could not be called", {{"node", wake.node}, {"error", sent.error().text()}});
}

/// What lies here and cannot be used is told once; the hub is told whenever it is another thing.
void Agent::on_look(const engine::Found& found) {
  found_ = found;
  const std::vector<wire::Seen> before = host_.seen;
  describe();
  if (host_.seen != before) announce();
  if (found.no_program.empty() || std::exchange(told_, found.file) == found.file) return;
  if (say_)
    say_(Voice::on_unusable(found.file, found.no_program));
  else
    log::warning("a model was found that nothing here can run", {{"file", found.file}, {"why", found.no_program}});
}

void Agent::on_message(const wire::ToNode& message) {
  if (stopped_) return;
  link_is_down_ = false;
  if (std::holds_alternative<wire::Challenge>(message) && std::exchange(asleep_, false)) runner_.wake();
  if (const auto* sleep = std::get_if<wire::Suspend>(&message)) {
    engines_.scope().spawn("sleep", go_to_sleep(milliseconds(sleep->for_ms)));
    return;
  }
  bool redefined = false;
  if (const auto* welcome = std::get_if<wire::Welcome>(&message)) {
    welcomed_ = true;
    learn_name(welcome->name);
    if (say_) say_(voice_.on_linked({welcome->hub, hub_.url, membership_.node_name}));
    streams_.on_welcome(welcome->ticket, welcome->spares, welcome->name);
    commands_->set_lease(milliseconds(welcome->lease_ms));
    redefined = !same(defined_, welcome->workers);
    defined_ = welcome->workers;
  }
  if (const auto* spares = std::get_if<wire::Spares>(&message)) {
    streams_.on_spares(spares->keep, spares->now);
    return;
  }
  if (const auto* stop = std::get_if<wire::Stop>(&message); stop && stop->revoked) {
    const std::string why = stop->message.empty() ? fmt::format("it has removed this node ('{}')", membership_.node_name) : stop->message;
    on_end_(Error(Code::forbidden, fmt::format("the hub at {} does not take this machine any more: {}", hub_.url, why),
                  "to join it again, make a code on the hub with `flotte node invite`"));
    return;
  }
  if (const auto* define = std::get_if<wire::Define>(&message)) {
    defined_ = define->workers;
    return announce();
  }
  if (const auto* wake = std::get_if<wire::Wake>(&message)) return wake_another(*wake);
  runner_.on_message(message);
  if (redefined) announce();
}

/// It was renamed at the hub, which knows it by its key; the file is for people and for the next start's messages.
void Agent::learn_name(const std::string& name) {
  if (name.empty() || name == membership_.node_name) return;
  log::info("the hub calls this node by another name", {{"before", membership_.node_name}, {"now", name}});
  membership_.node_name = name;
  if (auto saved = membership_.save(config_.directory()); !saved)
    log::warning("the new name was not saved", {{"error", saved.error().text()}});
}

/// The hub waits for a machine that sleeps. Who ends in its sleep wakes once more to say so.
Awaitable<void> Agent::wake_to_leave() {
  link_.dial();
  const auto end = std::chrono::steady_clock::now() + link_patience;
  while (!welcomed_ && std::chrono::steady_clock::now() < end) {
    const bool rested = co_await sleep_for(5ms);
    if (!rested) co_return;
  }
}

/// Runs go back to the hub, and their ends and the goodbye get out before anything else stops.
Awaitable<void> Agent::give_back(work::Away how) {
  if (runner_started_ && asleep_) {
    Awaitable<void> waking = wake_to_leave();
    co_await std::move(waking);
  }
  if (runner_started_) {
    Awaitable<void> leaving = runner_.leave(how, run_patience);
    co_await std::move(leaving);
  }
  stopped_ = true;  // what the hub still says is for nobody
}

Awaitable<void> Agent::go_to_sleep(std::chrono::milliseconds at_most) {
  if (asleep_ || stopped_ || !runner_started_) co_return;
  asleep_ = true;
  welcomed_ = false;
  log::info("going to sleep; what runs goes on at waking", {{"runs", runner_.running()}});
  Awaitable<void> sleeping = runner_.sleep(sleep_patience);
  co_await std::move(sleeping);
  link_.rest(at_most);
  for (int i = 0; i < 200 && !link_is_down_; ++i) {
    const bool rested = co_await sleep_for(5ms);
    if (!rested) co_return;
  }
}

void Agent::suspend(std::chrono::milliseconds at_most) {
  if (!run_blocking(work_.executor(), go_to_sleep(at_most), 3s)) log::warning("the hub was not told in time that this machine sleeps");
}

void Agent::resume() {
  log::info("awake");
  link_.dial();
}

/// Answers that are under way are finished: nobody begins new ones since the goodbye.
Awaitable<void> Agent::wait_for_answers() {
  const auto end = std::chrono::steady_clock::now() + answer_patience;
  while (streams_.joined() > 0 && std::chrono::steady_clock::now() < end) {
    const bool busy = co_await engines_.busy();
    if (!busy) co_return;
    if (!co_await sleep_for(100ms)) co_return;
  }
}

Awaitable<void> Agent::stop_engines() {
  co_await wait_for_answers();
  co_await streams_.close();
  co_await engines_.stop();
  client_.close();
}

void Agent::stop(work::Away how) {
  if (!started_) return;
  started_ = false;
  sleep_watch_.reset();
  watch_.stop();
  await_on_work_loop(give_back(how));
  link_.finish(link_patience);
  await_on_work_loop(stop_engines());
  work_.stop();
  work_.join();
}

}  // namespace flotte::node
