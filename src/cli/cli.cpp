// From arguments to an exit status.
#include "cli/cli.hpp"

#include <csignal>

#include "base/file.hpp"
#include "base/log.hpp"
#include "cli/grammar.hpp"

namespace flotte::cli {

int cli_main(int argc, char** argv) {
  // A reader that goes away is noticed where it is written to.
  std::signal(SIGPIPE, SIG_IGN);
  // The libraries below report in log lines what the commands say in words.
  if (environment("FLOTTE_LOG").empty()) log::set_level(log::Level::off);
  const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  const bool json = std::find(arguments.begin(), arguments.end(), "--json") != arguments.end();
  const Parsed parsed = parse_arguments(arguments);
  if (const auto* told = std::get_if<Told>(&parsed)) {
    print(told->text);
    return status::done;
  }
  if (const auto* error = std::get_if<Error>(&parsed)) {
    report(*error, json ? Output::json : Output::text);
    return status::usage;
  }
  const auto& chosen = std::get<Chosen>(parsed);
  return chosen.run(resolve_common(chosen.options));
}

}  // namespace flotte::cli
