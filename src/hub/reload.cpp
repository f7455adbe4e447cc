// Comparing two readings, and making the newer one count.
#include "hub/reload.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <future>

#include "base/async/post.hpp"
#include "base/log.hpp"
#include "hub/hub.hpp"

namespace flotte::hub {
namespace {

constexpr std::chrono::seconds reload_patience{10};

json::array array_of(const std::vector<std::string>& texts) { return json::array(texts.begin(), texts.end()); }

const engine::EngineConfig* find_engine(const HubConfig& config, const std::string& name) {
  for (const engine::EngineConfig& engine : config.engines)
    if (engine.name == name) return &engine;
  return nullptr;
}

bool same_tls(const HubConfig& a, const HubConfig& b) {
  return a.tls_cert == b.tls_cert && a.tls_key == b.tls_key && a.own_authority == b.own_authority;
}

}  // namespace

json::object ReloadReport::to_json() const {
  return {{"providers", array_of(providers)}, {"models", array_of(models)},   {"engines", array_of(engines)},
          {"certificate", certificate},       {"restart", array_of(restart)}, {"warnings", array_of(warnings)}};
}

std::vector<std::string> changes_for_restart(const HubConfig& running, const HubConfig& fresh) {
  std::vector<std::string> out;
  if (running.name != fresh.name) out.push_back(fmt::format("[hub] name = \"{}\"", fresh.name));
  // Port 0 became a number when the hub began to listen.
  if (running.host != fresh.host || (fresh.port != 0 && running.port != fresh.port))
    out.push_back(fmt::format("[hub] listen = \"{}:{}\"", fresh.host, fresh.port));
  if (!same_tls(running, fresh)) out.emplace_back("[hub] tls, tls_cert or tls_key: other files than before");
  if (running.suspend_grace != fresh.suspend_grace) out.push_back(fmt::format("[hub] suspend_grace = {} ms", fresh.suspend_grace.count()));
  if (running.node_lease != fresh.node_lease) out.push_back(fmt::format("[hub] node_lease = {} ms", fresh.node_lease.count()));
  if (running.recorder != fresh.recorder) out.emplace_back("[hub] record and what belongs to it");
  if (running.access_log != fresh.access_log) out.push_back(fmt::format("[hub] access_log = \"{}\"", fresh.access_log));
  if (running.loops != fresh.loops) out.push_back(fmt::format("[hub] loops = {}", fresh.loops));
  for (const auto& [name, limits] : fresh.command_limits)
    if (const auto before = running.command_limits.find(name); before == running.command_limits.end() || before->second != limits)
      out.push_back(fmt::format("[[worker]] {}: a command worker that is new or has other limits", name));
  for (const engine::EngineConfig& engine : running.engines)
    if (!find_engine(fresh, engine.name)) out.push_back(fmt::format("[[engine]] {} is gone from the file and ends then", engine.name));
  return out;
}

std::vector<engine::EngineConfig> changed_engines(const HubConfig& running, const HubConfig& fresh) {
  std::vector<engine::EngineConfig> out;
  for (const engine::EngineConfig& engine : fresh.engines) {
    const auto* before = find_engine(running, engine.name);
    if (!before || *before != engine) out.push_back(engine);
  }
  return out;
}

namespace {

Awaitable<void> put_engines(engine::Engines& engines, std::vector<engine::EngineConfig> configs) {
  for (engine::EngineConfig& config : configs) {
    const std::string name = config.name;
    auto put = co_await engines.put(std::move(config));
    if (!put) log::warning("an engine of the configuration cannot be used", {{"engine", name}, {"why", put.error().text()}});
  }
}

}  // namespace

Result<ReloadReport> Hub::reload() {
  const std::lock_guard one_at_a_time(reload_mutex_);
  reopen_logs();
  auto fresh = HubConfig::load(config_.options);
  if (!fresh) return pass(fresh);
  ReloadReport report;
  report.warnings = fresh->warnings;
  report.restart = changes_for_restart(config_, *fresh);
  if (tls_ && !config_.own_authority && same_tls(config_, *fresh)) {
    auto tls = http::TlsContext::server(fresh->tls_cert, fresh->tls_key);
    if (!tls) return pass(tls);
    for (const auto& loop : loops_) loop->loop.post([l = loop.get(), context = *tls] { l->server.set_tls(context); });
    report.certificate = true;
  }
  for (const auto& provider : fresh->routes.providers) report.providers.push_back(provider.name);
  for (const auto& model : fresh->routes.models) report.models.push_back(model.name);
  std::vector<engine::EngineConfig> engines = changed_engines(config_, *fresh);
  for (const auto& engine : engines) report.engines.push_back(engine.name);
  if (!engines.empty())
    post_to(engines_->executor(),
            [this, engines] { engines_->engines().scope().spawn("reload", put_engines(engines_->engines(), engines)); });
  use_shares(std::nullopt, fresh->routes.project_weights);
  // Commands need their limits, which count from the start on.
  std::erase_if(fresh->workers, [this](const wire::WorkerInfo& worker) {
    return worker.kind == "command" && !config_.command_limits.contains(worker.name);
  });
  // What routes are made of is the fleet loop's; the rest of the reading is kept to compare the next one with.
  const auto done = std::make_shared<std::promise<void>>();
  Providers::Configured configured{std::move(fresh->routes), std::move(fresh->environment_providers)};
  post_to(fleet_loop_.executor(), [this, done, configured = std::move(configured), workers = std::move(fresh->workers)]() mutable {
    providers_->use(std::move(configured));
    models_->use_workers(std::move(workers));
    models_->use(providers_->effective());
    done->set_value();
  });
  if (done->get_future().wait_for(reload_patience) != std::future_status::ready)
    return fail(Code::unavailable, "the hub is too busy, or stopping, to take over its configuration", "try again");
  for (const engine::EngineConfig& engine : config_.engines)
    if (!find_engine(*fresh, engine.name)) fresh->engines.push_back(engine);  // it still runs
  config_.engines = std::move(fresh->engines);
  log::info("configuration read again", {{"providers", report.providers.size()}, {"models", report.models.size()}});
  for (const std::string& warning : report.warnings) log::warning("configuration", {{"note", warning}});
  for (const std::string& change : report.restart) log::warning("counts from the next start on", {{"change", change}});
  return report;
}

}  // namespace flotte::hub
