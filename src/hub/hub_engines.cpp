// Home's engines, what was found on this machine, and what is told of it.
#include <fmt/format.h>

#include <future>

#include "base/async/post.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "engine/find/seen.hpp"
#include "hub/hub.hpp"
#include "machine/meter.hpp"

namespace flotte::hub {

/// Fleet loop. The connectors first: the table is built when the engines are announced.
void Hub::on_home_engines(const HomeEngines::Report& report) {
  for (const auto& [name, connector] : report.connectors) models_->use_local(name, connector);
  home_->announce_engines(report.engines);
  show_unusable();
}

/// Fleet loop. What was found on this machine and cannot do a task, in one list.
void Hub::show_unusable() {
  std::vector<wire::Seen> seen;
  for (const FoundKey& key : config_.keys)
    if (!key.refused.empty()) seen.push_back({"key", key.variable, key.title, key.refused, {}});
  if (offers_)
    for (const auto& [provider, why] : offers_->refused())
      seen.push_back({"key", provider, "provider", why,
                      fmt::format("put a key that is good where it is configured; `flotte provider add {}` tests one", provider)});
  engine::Found found;
  std::vector<wire::EngineInfo> engines;
  {
    const std::lock_guard lock(sight_mutex_);
    if (found_) found = *found_;
    engines = home_engines_;
  }
  for (wire::Seen& one : engine::describe_unusable(found, engines)) seen.push_back(std::move(one));
  home_->show_unusable(std::move(seen));
}

Result<void> Hub::start_engines() {
  engines_ = std::make_unique<HomeEngines>(config_.data + "/home/engines", [this](HomeEngines::Report report) {
    {
      const std::lock_guard lock(sight_mutex_);
      home_engines_ = report.engines;
    }
    post_to(fleet_loop_.executor(), [this, report = std::move(report)] { on_home_engines(report); });
  });
  if (auto started = engines_->start(config_.engines); !started) return started;
  // Configured or found: what a provider has is its own to say.
  offers_ = std::make_unique<Offers>(engines_->client(), fleet_loop_.executor(), *models_);
  post_to(engines_->executor(), [this] { engines_->engines().scope().spawn("offers", offers_->run()); });
  if (!config_.find) return {};
  // There for people to drop files into; without it nothing is found, and nothing else is lost.
  if (auto made = make_directories(config_.data + "/models"); !made)
    log::warning("no directory for models", {{"why", made.error().text()}});
  engine::Finder::Options options{.models = config_.data + "/models",
                                  .ollama_host = environment("OLLAMA_HOST"),
                                  .own_port = config_.port,
                                  .configured = config_.engines};
  options.memory_mb = machine::memory_for_models();
  finder_ = std::make_unique<engine::Finder>(engines_->engines(), std::move(options), [this](const engine::Found& found) {
    {
      const std::lock_guard lock(sight_mutex_);
      found_ = found;
    }
    post_to(fleet_loop_.executor(), [this] { show_unusable(); });
  });
  post_to(engines_->executor(), [this] { engines_->engines().scope().spawn("finder", finder_->run()); });
  return {};
}

Hub::Sight Hub::look() {
  std::promise<Sight> looked;
  post_to(fleet_loop_.executor(), [this, &looked] {
    Sight sight;
    sight.asking = offers_ && !offers_->asked();  // before the names: what was offered is among them
    for (const char* name : {"default", "smart", "fast"})
      if (auto standing = models_->standing(name)) sight.names[name] = std::move(*standing);
    looked.set_value(std::move(sight));
  });
  Sight sight = looked.get_future().get();
  const std::lock_guard lock(sight_mutex_);
  sight.found = found_;
  sight.engines = home_engines_;
  return sight;
}

}  // namespace flotte::hub
