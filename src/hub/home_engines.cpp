// A loop for home's engines, and what is told of them.
#include "hub/home_engines.hpp"

#include <future>

#include "base/async/blocking.hpp"
#include "base/log.hpp"

namespace flotte::hub {
namespace {

constexpr std::chrono::seconds patience{30};  // an engine ends itself within twenty

}  // namespace

HomeEngines::HomeEngines(std::string dir, std::function<void(Report)> on_change)
    : on_change_(std::move(on_change)),
      client_(loop_.executor()),
      engines_(loop_.executor(), client_, std::move(dir), [this] { tell(); }) {}
HomeEngines::~HomeEngines() { stop(); }

Result<void> HomeEngines::start(std::vector<engine::EngineConfig> configured) {
  loop_.start();
  started_ = true;
  std::promise<Result<void>> begun;
  loop_.post([this, &begun, &configured] {
    Result<void> all;
    for (auto& config : configured)
      if (all) all = engines_.add(std::move(config));
    begun.set_value(std::move(all));
  });
  return begun.get_future().get();
}

void HomeEngines::tell() {
  Report report;
  report.engines = engines_.infos();
  for (const auto& info : report.engines)
    if (auto connector = engines_.connector(info.name)) report.connectors[info.name] = std::move(connector);
  on_change_(std::move(report));
}

Awaitable<void> HomeEngines::end_all() {
  co_await engines_.stop();
  client_.close();
}

void HomeEngines::stop() {
  if (!std::exchange(started_, false)) return;
  if (!run_blocking(loop_.executor(), end_all(), patience)) log::error("home's engines did not end in time");
  loop_.stop();
  loop_.join();
}

}  // namespace flotte::hub
