// Commands and options: the table of the groups that have them.
#include "cli/grammar.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "cli/command_first.hpp"
#include "cli/grammar/group.hpp"
#include "cli/grammar/mistakes.hpp"

namespace flotte::cli {
namespace {

using grammar::Group;
using grammar::Table;

/// Commands of the same binary that are not ours to parse: they appear in the help and in "did you mean".
constexpr std::array<std::pair<const char*, const char*>, 4> elsewhere{{{"up", "a hub with its own node, on this machine"},
                                                                        {"hub", "the same for a server: only what is configured"},
                                                                        {"node run", "this machine as a node of a hub"},
                                                                        {"doctor", "what is there, what is missing, what to do"}}};

/// In the order of the help.
constexpr std::unique_ptr<Group> (*groups[])(Table&) = {
    grammar::make_ask,  grammar::make_batches, grammar::make_tasks,    grammar::make_schedules, grammar::make_fleet,
    grammar::make_keys, grammar::make_service, grammar::make_requests, grammar::make_providers, grammar::make_programs};

class Grammar {
 public:
  Grammar() {
    table_.app.require_subcommand(1);
    table_.app.set_help_all_flag("--help-all", "Help for every command");
    table_.app.set_version_flag("--version", "flotte " FLOTTE_VERSION);
    grammar::add_common(table_.app, table_.common);
    for (const auto make : groups) groups_.push_back(make(table_));
    // Last, because a command inherits the footer that stands when it is made.
    std::string footer = "Servers (see `flotte COMMAND --help`):\n";
    for (const auto& [name, about] : elsewhere) footer += fmt::format("  {:<26}{}\n", name, about);
    table_.app.footer(footer);
  }

  Parsed parse(std::vector<std::string> arguments) {
    if (!arguments.empty() && arguments.front() == "help") arguments = command_first(arguments);
    if (auto unknown = grammar::find_unknown_command(table_.app, arguments)) return *unknown;
    if (const auto mark = std::find(arguments.begin(), arguments.end(), "--"); mark != arguments.end())
      table_.behind_mark = static_cast<std::size_t>(arguments.end() - mark) - 1;
    std::reverse(arguments.begin(), arguments.end());
    try {
      table_.app.parse(arguments);
    } catch (const CLI::CallForHelp&) {
      const CLI::App& chosen = grammar::deepest(table_.app);
      const std::string path = grammar::path_of(table_.app, chosen);
      const std::size_t end = path.rfind(' ');  // CLI11 writes the last word itself
      return Told{chosen.help(end == std::string::npos ? "" : path.substr(0, end))};
    } catch (const CLI::CallForVersion& version) {
      return Told{std::string(version.what()) + "\n"};
    } catch (const CLI::CallForAllHelp&) {
      return Told{table_.app.help("", CLI::AppFormatMode::All)};
    } catch (const CLI::ParseError& error) {
      return grammar::explain(table_.app, error);
    }
    return Chosen{table_.common, table_.run};
  }

 private:
  Table table_;
  std::vector<std::unique_ptr<Group>> groups_;
};

}  // namespace

Parsed parse_arguments(const std::vector<std::string>& arguments) {
  auto all = std::make_shared<Grammar>();
  Parsed parsed = all->parse(arguments);
  // The commands' functions read their options out of the grammar, so it lives as long as the chosen one.
  if (auto* chosen = std::get_if<Chosen>(&parsed))
    chosen->run = [all, run = std::move(chosen->run)](const Common& common) { return run(common); };
  return parsed;
}

}  // namespace flotte::cli
