// Starting, replacing and ending the engines of a machine.
#include "engine/engines.hpp"

#include <algorithm>

#include "base/async/wait.hpp"

namespace flotte::engine {

Engines::Engines(Executor executor, http::Client& client, std::string dir, std::function<void()> on_change)
    : executor_(executor), client_(client), dir_(std::move(dir)), on_change_(std::move(on_change)), scope_(executor, "engines") {}

Result<void> Engines::add(EngineConfig config) {
  auto made = make_engine(executor_, client_, std::move(config), dir_, [this] { on_change_(); });
  if (!made) return pass(made);
  engines_.push_back(std::move(*made));
  engines_.back()->start();
  on_change_();
  return {};
}

Awaitable<Result<void>> Engines::put(EngineConfig config) {
  const std::string name = config.name;
  const auto named = [&name](const auto& engine) { return engine->info().name == name; };
  if (const auto it = std::find_if(engines_.begin(), engines_.end(), named); it != engines_.end()) {
    // Kept until it has ended: its coroutines refer to it.
    const std::unique_ptr<Engine> former = std::move(*it);
    engines_.erase(it);
    co_await former->stop();
  }
  if (stopping_) co_return fail(Code::cancelled, "the engines of this machine end");
  co_return add(std::move(config));
}

std::vector<wire::EngineInfo> Engines::infos() const {
  std::vector<wire::EngineInfo> out;
  for (const auto& engine : engines_) out.push_back(engine->info());
  return out;
}

std::shared_ptr<http::Connector> Engines::connector(const std::string& name) const {
  for (const auto& engine : engines_)
    if (engine->info().name == name) return engine->connector();
  return nullptr;
}

Awaitable<bool> Engines::busy() {
  bool any = false;
  for (const auto& engine : engines_) {
    const bool one = co_await engine->busy();
    any = any || one;
  }
  co_return any;
}

Awaitable<void> Engines::stop() {
  stopping_ = true;
  co_await scope_.close();
  // All at once: each may take its ten seconds.
  Scope ending(executor_, "ending engines");
  for (const auto& engine : engines_) ending.spawn(engine->info().name, engine->stop());
  while (ending.size() > 0) {
    const bool waited = co_await sleep_for(std::chrono::milliseconds(10));
    if (!waited) break;
  }
}

}  // namespace flotte::engine
