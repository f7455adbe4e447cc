// The members of what is submitted.
#include "wire/members.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/nearest.hpp"
#include "wire/task.hpp"

namespace flotte::wire {
namespace {

constexpr std::array<std::string_view, 18> of_task{"kind",       "title",        "model",     "node",       "worker",
                                                   "labels",     "project",      "priority",  "not_before", "deadline",
                                                   "depends_on", "max_attempts", "exclusive", "features",   "if_dependency_fails",
                                                   "budget_usd", "concurrency",  "unique"};
constexpr std::array<std::string_view, 2> of_concurrency{"key", "limit"};
constexpr std::array<std::string_view, 2> of_prompt{"prompt", "system"};
constexpr std::array<std::string_view, 3> of_document{"name", "blob", "prompt"};
constexpr std::array<std::string_view, 3> of_command{"argv", "cwd", "env"};
constexpr std::array<std::string_view, 7> of_agent{"repo", "ref", "agent", "setup", "checks", "text", "pull_request"};

/// What others call it, where the spelling alone does not lead there.
struct Other {
  std::string_view said, meant;
};
constexpr Other others[] = {{"budget", "budget_usd"},
                            {"max_cost", "budget_usd"},
                            {"max_cost_usd", "budget_usd"},
                            {"budget_usd", "max_cost_usd"},
                            {"budget", "max_cost_usd"},
                            {"after", "depends_on"},
                            {"dependencies", "depends_on"},
                            {"needs", "depends_on"},
                            {"retries", "max_attempts"},
                            {"attempts", "max_attempts"},
                            {"name", "title"},
                            {"start_at", "not_before"},
                            {"command", "argv"},
                            {"args", "argv"},
                            {"text", "prompt"},
                            {"timezone", "zone"},
                            {"tz", "zone"},
                            {"schedule", "cron"},
                            {"tasks", "items"},
                            {"environment", "env"},
                            {"directory", "cwd"},
                            {"on_dependency_failure", "if_dependency_fails"}};

bool has(std::span<const std::string_view> known, std::string_view word) {
  return std::find(known.begin(), known.end(), word) != known.end();
}

std::string hint_for(std::string_view word, std::span<const std::string_view> known) {
  for (const Other& other : others)
    if (other.said == word && has(known, other.meant)) return fmt::format("did you mean \"{}\"?", other.meant);
  const auto nearest = find_nearest(word, std::vector<std::string_view>(known.begin(), known.end()));
  return nearest ? fmt::format("did you mean \"{}\"?", *nearest) : fmt::format("there are: {}", fmt::join(known, ", "));
}

std::span<const std::string_view> members_of_input(TaskKind kind) {
  switch (kind) {
    case TaskKind::prompt: return of_prompt;
    case TaskKind::document: return of_document;
    case TaskKind::command: return of_command;
    case TaskKind::agent: return of_agent;
  }
  return {};
}

}  // namespace

Result<void> check_members(const json::object& o, std::string_view what, std::span<const std::string_view> known) {
  for (const auto& member : o) {
    const std::string_view name = member.key();
    if (!has(known, name))
      return fail(Code::invalid_argument, fmt::format("\"{}\" is nothing that {} has", name, what), hint_for(name, known));
  }
  return {};
}

Result<void> check_task_members(const json::object& task) {
  std::vector<std::string_view> known(of_task.begin(), of_task.end());
  known.emplace_back("input");
  const auto kind = parse_task_kind(json::string_or(task, "kind", ""));
  if (kind) {
    // A prompt beside its `input` is the first thing that everybody tries.
    for (const std::string_view name : members_of_input(*kind))
      if (task.contains(name) && !has(known, name))
        return fail(Code::invalid_argument, fmt::format("\"{}\" of a {} stands in its \"input\"", name, to_string(*kind)),
                    fmt::format("\"input\": {{\"{}\": ...}}", name));
  }
  if (auto good = check_members(task, "a task", known); !good) return good;
  if (const json::object* concurrency = json::get_object(task, "concurrency"))
    if (auto good = check_members(*concurrency, "\"concurrency\"", of_concurrency); !good) return good;
  const json::object* input = json::get_object(task, "input");
  if (!kind || !input) return {};
  return check_members(*input, fmt::format("the \"input\" of a {}", to_string(*kind)), members_of_input(*kind));
}

}  // namespace flotte::wire
