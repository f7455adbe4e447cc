// A group of commands: what it fills in, and the words in which it is written. Each group is a class of its own in this folder; grammar.cpp
// has the table of them.
#pragma once
#include <CLI/CLI.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/command/ask.hpp"
#include "cli/session.hpp"

namespace flotte::cli::grammar {

using Run = std::function<int(const Common&)>;

/// What one command line becomes.
struct Table {
  CLI::App app{"flotte: one door to every model, and a fleet that works through what you give it", "flotte"};
  CommonOptions common;
  Run run;                                 // of the chosen command
  std::optional<std::size_t> behind_mark;  // how many words stand behind the first --
};

/// Lives as long as a chosen command, which reads its options out of it.
class Group {
 public:
  virtual ~Group() = default;

 protected:
  /// The table outlives it.
  explicit Group(Table& table) : table_(table) {}
  Group(const Group&) = delete;
  Group& operator=(const Group&) = delete;

  /// `check` throws CLI::ParseError where the options do not go together.
  void on(CLI::App& app, Run run, std::function<void()> check = {});
  CLI::App& leaf(CLI::App& parent, const std::string& name, const std::string& about);
  CLI::App& group(const std::string& name, const std::string& about);
  static void add_placement(CLI::App& app, Placement& placement);
  void add_list_options(CLI::App& app, const std::string& states);
  void add_by_id(CLI::App& parent, const std::string& name, const std::string& what, const std::string& about,
                 std::function<int(const Common&, const std::string&)> run);

  Table& table_;
  std::string id_, state_;
  std::size_t limit_ = 50;
};

/// The options that every command takes.
void add_common(CLI::App& app, CommonOptions& common);

std::unique_ptr<Group> make_ask(Table& table);
std::unique_ptr<Group> make_batches(Table& table);
std::unique_ptr<Group> make_tasks(Table& table);
std::unique_ptr<Group> make_schedules(Table& table);
std::unique_ptr<Group> make_fleet(Table& table);
std::unique_ptr<Group> make_keys(Table& table);
std::unique_ptr<Group> make_service(Table& table);
std::unique_ptr<Group> make_requests(Table& table);
std::unique_ptr<Group> make_providers(Table& table);
std::unique_ptr<Group> make_programs(Table& table);

}  // namespace flotte::cli::grammar
