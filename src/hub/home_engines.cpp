// Starting, replacing and ending engines at home.
#include "hub/home_engines.hpp"

#include <algorithm>
#include <future>

#include "base/async/blocking.hpp"
#include "base/async/wait.hpp"
#include "base/log.hpp"

namespace flotte::hub {
namespace {

constexpr std::chrono::seconds patience{30};  // an engine ends itself within twenty

}  // namespace

HomeEngines::HomeEngines(std::string dir, std::function<void(Report)> on_change)
    : dir_(std::move(dir)), on_change_(std::move(on_change)), client_(loop_.executor()), scope_(loop_.executor(), "home's engines") {}
HomeEngines::~HomeEngines() { stop(); }

Result<void> HomeEngines::start(std::vector<engine::EngineConfig> configured) {
  loop_.start();
  started_ = true;
  std::promise<Result<void>> begun;
  loop_.post([this, &begun, &configured] {
    Result<void> all;
    for (auto& config : configured)
      if (all) all = add(std::move(config));
    begun.set_value(std::move(all));
  });
  return begun.get_future().get();
}

Result<void> HomeEngines::add(engine::EngineConfig config) {
  auto made = engine::make_engine(loop_.executor(), client_, std::move(config), dir_, [this] { tell(); });
  if (!made) return pass(made);
  engines_.push_back(std::move(*made));
  engines_.back()->start();
  tell();
  return {};
}

Awaitable<Result<void>> HomeEngines::put(engine::EngineConfig config) {
  const std::string name = config.name;
  const auto named = [&name](const auto& engine) { return engine->info().name == name; };
  if (const auto it = std::find_if(engines_.begin(), engines_.end(), named); it != engines_.end()) {
    // Kept until it has ended: its coroutines refer to it.
    const std::unique_ptr<engine::Engine> former = std::move(*it);
    engines_.erase(it);
    co_await former->stop();
  }
  if (stopping_) co_return fail(Code::cancelled, "the hub stops");
  co_return add(std::move(config));
}

void HomeEngines::tell() {
  Report report;
  for (const auto& engine : engines_) {
    report.engines.push_back(engine->info());
    if (auto connector = engine->connector()) report.connectors[engine->info().name] = std::move(connector);
  }
  on_change_(std::move(report));
}

Awaitable<void> HomeEngines::end_all() {
  stopping_ = true;
  co_await scope_.close();
  // All at once: each may take its ten seconds.
  Scope ending(loop_.executor(), "ending engines");
  for (const auto& engine : engines_) ending.spawn(engine->info().name, engine->stop());
  while (ending.size() > 0) {
    const bool waited = co_await sleep_for(std::chrono::milliseconds(10));
    if (!waited) break;
  }
  client_.close();
}

void HomeEngines::stop() {
  if (!std::exchange(started_, false)) return;
  if (!run_blocking(loop_.executor(), end_all(), patience)) log::error("home's engines did not end in time");
  loop_.stop();
  loop_.join();
}

}  // namespace flotte::hub
