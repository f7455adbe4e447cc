// The one binary: dispatches to its parts. What must start small (the shim of a run, the confinement of a child) comes first.
#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <csignal>
#include <string>
#include <vector>

#include "base/failpoint.hpp"
#include "base/process/shim.hpp"
#include "cli/cli.hpp"
#include "cli/command_first.hpp"
#include "hub/doctor/doctor.hpp"
#include "hub/hub.hpp"
#include "node/node.hpp"
#include "sandbox/confine.hpp"

namespace {

constexpr int wrong_usage = 2;

/// CLI11's own status for --help is 0; everything else that it refuses is wrong usage.
int finish_parse(CLI::App& app, const CLI::ParseError& error) {
  if (error.get_exit_code() == 0) return app.exit(error);
  const auto* extras = dynamic_cast<const CLI::ExtrasError*>(&error);
  std::string what = error.what();
  if (const auto words = app.remaining(); extras && !words.empty())
    what = fmt::format("{} {}", words.front().starts_with('-') ? "unknown option" : "unexpected argument", words.front());
  fmt::print(stderr, "flotte: {} ({} --help shows how it is used)\n", what, app.get_name());
  return wrong_usage;
}

using Words = std::vector<std::string>;

int run_hub(bool find, Words words) {
  flotte::hub::HubOptions options;
  options.find = find;
  CLI::App app(
      find ? "Hub with its own node `home`; finds API keys, engines and models by itself" : "Hub for a server: only what is configured",
      find ? "flotte up" : "flotte hub");
  app.add_option("--config", options.config, "Configuration file")->envname("FLOTTE_CONFIG");
  app.add_option("--data", options.data, "Data directory")->envname("FLOTTE_DATA");
  if (find) app.add_flag("--open", options.open, "Open the board in a browser");
  app.add_flag("--lan", options.lan, "Listen on every address of this machine, with TLS from the hub's own authority");
  try {
    std::reverse(words.begin(), words.end());  // as CLI11 wants them
    app.parse(words);
  } catch (const CLI::ParseError& error) {
    return finish_parse(app, error);
  }
  return flotte::hub::hub_main(options);
}

int run_doctor(Words words) {
  flotte::hub::DoctorOptions options;
  CLI::App app("Looks at this machine: what is there, what is missing, what to do", "flotte doctor");
  app.add_option("--config", options.config, "Configuration file")->envname("FLOTTE_CONFIG");
  app.add_option("--data", options.data, "Data directory")->envname("FLOTTE_DATA");
  app.add_flag("--json", options.json, "Machine-readable output");
  app.add_flag("--online", options.online, "Ask the providers whether they accept the keys");
  try {
    std::reverse(words.begin(), words.end());  // as CLI11 wants them
    app.parse(words);
  } catch (const CLI::ParseError& error) {
    return finish_parse(app, error);
  }
  return flotte::hub::doctor_main(options);
}

int run_node(Words words) {
  flotte::node::NodeOptions options;
  CLI::App app("This machine as a node of a hub", "flotte node run");
  app.add_option("--join", options.join, "URL#CODE from `flotte node invite`; needed once");
  app.add_option("--config", options.config, "Configuration file")->envname("FLOTTE_CONFIG");
  app.add_option("--data", options.data, "Data directory")->envname("FLOTTE_DATA");
  try {
    std::reverse(words.begin(), words.end());  // as CLI11 wants them
    app.parse(words);
  } catch (const CLI::ParseError& error) {
    return finish_parse(app, error);
  }
  return flotte::node::node_main(options);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view first = argc > 1 ? argv[1] : "";
  const auto rest = [&] { return std::vector<std::string>(argv + 2, argv + argc); };
  if (first == "shim") return flotte::shim_main(argc, argv);
  if (first == "confine") return flotte::sandbox::confine_main(rest());
  std::signal(SIGPIPE, SIG_IGN);
  if (const auto chosen = flotte::failpoint::choose_by_environment(); !chosen) {
    fmt::print(stderr, "flotte: {}\n", chosen.error().text());
    return wrong_usage;
  }
  const Words words = flotte::cli::command_first({argv + 1, argv + std::max(argc, 1)});
  const auto behind = [&](std::ptrdiff_t count) { return Words(words.begin() + count, words.end()); };
  const std::string command = words.empty() ? "" : words.front();
  if (command == "hub") return run_hub(false, behind(1));
  if (command == "up") return run_hub(true, behind(1));
  if (command == "doctor") return run_doctor(behind(1));
  if (command == "node" && words.size() > 1 && words[1] == "run") return run_node(behind(2));
  return flotte::cli::cli_main(argc, argv);
}
