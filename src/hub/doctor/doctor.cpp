// One check after the other, and what they come to.
#include "hub/doctor/doctor.hpp"

#include <fmt/format.h>

#include "base/async/blocking.hpp"
#include "base/async/loop.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "hub/doctor/machine_checks.hpp"
#include "hub/doctor/network_checks.hpp"
#include "hub/doctor/other_hub_checks.hpp"

namespace flotte::hub {
namespace {

constexpr std::chrono::seconds patience{60};  // every question in it has a shorter one

void append(Checks& to, Checks more) { to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end())); }

struct Asked {
  Check hub;
  Checks servers, providers;
  OtherHubs others;
  int models = -1;
};

Awaitable<void> ask_all(Executor executor, const HubConfig& config, Ask ask, Asked& asked) {
  http::Client client(executor);
  asked.hub = co_await check_hub(client, config, asked.models);
  asked.others = co_await check_other_hubs(executor, config.data, config.port);
  asked.servers = co_await check_servers(client, config);
  asked.providers = co_await check_providers(client, config, ask);
  client.close();
}

Asked ask_network(const HubConfig& config, Ask ask) {
  Asked asked;
  Loop loop("doctor");
  loop.start();
  if (!run_blocking(loop.executor(), ask_all(loop.executor(), config, ask, asked), patience)) {
    loop.stop();
    loop.join();
    asked.hub = {"network", Level::problem, "the questions did not end in time", ""};
  }
  return asked;
}

/// Whether anybody would answer `flotte ask` here.
Check check_models(const HubConfig& config, const engine::ModelFiles& files, const Asked& asked) {
  Check out{.name = "something to ask"};
  if (asked.models > 0) {
    out.text = "the hub has models";
    return out;
  }
  if (asked.others.useful) {
    out.text = "at the hub that this machine works with";
    return out;
  }
  bool there = !config.routes.providers.empty() || !config.engines.empty();
  for (const Check& server : asked.servers) there = there || (server.level == Level::ok && server.text.starts_with("runs at"));
  engine::EngineConfig any;
  there = there || (!files.usable.empty() && check_llama_server(files).level == Level::ok);
  out.text = "`flotte up` will have models";
  if (there) return out;
  return {
      out.name, Level::problem, "no key, no engine and no model was found",
      fmt::format("export OPENAI_API_KEY (or ANTHROPIC_, GEMINI_, MISTRAL_API_KEY); or start Ollama; or put a .gguf file into {}/models; "
                  "or `flotte node invite` for a machine that has one",
                  config.data)};
}

Checks check_files(const engine::ModelFiles& files, const std::string& directory) {
  Checks out;
  if (!files.usable.empty()) out.push_back({.name = "models", .text = fmt::format("{} GGUF in {}", files.usable.size(), directory)});
  for (const auto& [path, why] : files.unusable) out.push_back({"models", Level::warning, path + " is not usable: " + why, ""});
  if (files.usable.empty() && files.unusable.empty()) out.push_back({.name = "models", .text = "no GGUF file in " + directory});
  return out;
}

Checks examine(const DoctorOptions& options) {
  Checks out{check_version()};
  HubOptions hub{.config = options.config, .data = options.data, .find = true};
  auto config = HubConfig::load(hub);
  if (!config) {
    out.push_back({"configuration", Level::problem, config.error().message, config.error().hint});
    return out;
  }
  const std::string file = options.config.empty() ? default_config_file() : options.config;
  out.push_back({.name = "configuration", .text = read_file(file, 16 * 1024 * 1024) ? file : "none needed; it would be " + file});
  for (const std::string& warning : config->warnings) out.push_back({"configuration", Level::warning, warning, ""});
  out.push_back(check_data(config->data));
  out.push_back(check_disk(config->data));
  out.push_back(check_clock());
  Asked asked = ask_network(*config, options.online ? Ask::online : Ask::offline);
  out.push_back(asked.hub);
  append(out, asked.others.checks);
  append(out, asked.providers);
  if (asked.providers.empty()) out.push_back({.name = "keys", .text = "none of a provider in the environment"});
  append(out, asked.servers);
  const engine::ModelFiles files = engine::look_for_models(config->data + "/models", system_clock().wall());
  append(out, check_files(files, config->data + "/models"));
  out.push_back(check_llama_server(files));
  append(out, check_readers());
  append(out, check_sandbox());
  out.push_back(check_agents());
  out.push_back(check_models(*config, files, asked));
  return out;
}

}  // namespace

int doctor_main(const DoctorOptions& options) {
  if (environment("FLOTTE_LOG").empty()) log::set_level(log::Level::off);
  const Checks checks = examine(options);
  const std::string text = options.json ? json::dump_pretty(json::value(checks_to_json(checks))) : render_checks(checks);
  std::fputs(text.c_str(), stdout);
  if (!text.ends_with('\n')) std::fputs("\n", stdout);
  return prevents_work(checks) ? 1 : 0;
}

}  // namespace flotte::hub
