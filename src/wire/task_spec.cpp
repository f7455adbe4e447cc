// Reading and checking what is submitted.
#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "base/money.hpp"
#include "wire/detail/fields.hpp"
#include "wire/task.hpp"

namespace flotte::wire {
namespace {

constexpr std::size_t name_limit = 200;
constexpr std::size_t title_limit = 500;

Failure wrong(std::string_view field, std::string_view what) { return fail(Code::invalid_argument, fmt::format("\"{}\" {}", field, what)); }

Result<void> read_name(const json::object& o, std::string_view key, std::size_t limit, std::string& into) {
  const auto it = o.find(key);
  if (it == o.end() || it->value().is_null()) return {};
  if (!it->value().is_string()) return wrong(key, "must be a string");
  if (it->value().get_string().size() > limit) return wrong(key, fmt::format("is longer than {} bytes", limit));
  into.assign(it->value().get_string().data(), it->value().get_string().size());
  return {};
}

Result<void> read_number(const json::object& o, std::string_view key, int low, int high, int& into) {
  const auto it = o.find(key);
  if (it == o.end() || it->value().is_null()) return {};
  const auto number = json::get_int(o, key);
  if (!number || *number < low || *number > high) return wrong(key, fmt::format("must be a whole number from {} to {}", low, high));
  into = static_cast<int>(*number);
  return {};
}

Result<void> read_time(const json::object& o, std::string_view key, std::optional<WallTime>& into) {
  const auto it = o.find(key);
  if (it == o.end() || it->value().is_null()) return {};
  into = detail::get_time(o, key);
  if (!into) return wrong(key, "must be a time as in 2026-11-21T08:30:00Z");
  return {};
}

Result<void> read_concurrency(const json::object& o, std::optional<Concurrency>& into) {
  const auto it = o.find("concurrency");
  if (it == o.end() || it->value().is_null()) return {};
  const json::object* whole = it->value().if_object();
  if (!whole) return wrong("concurrency", "must be an object: {\"key\": \"a name\", \"limit\": 1}");
  Concurrency concurrency;
  const std::string key = json::string_or(*whole, "key", "");
  if (key.empty() || key.size() > name_limit) return wrong("concurrency.key", "must be a string of 1 to 200 bytes");
  concurrency.key = key;
  const auto limit = whole->find("limit");
  if (limit != whole->end()) {
    const auto number = json::get_int(*whole, "limit");
    if (!number || *number < 1 || *number > 10'000) return wrong("concurrency.limit", "must be a whole number from 1 to 10000");
    concurrency.limit = static_cast<int>(*number);
  }
  into = std::move(concurrency);
  return {};
}

Result<void> read_labels(const json::object& o, std::string_view key, std::vector<std::string>& into) {
  const auto it = o.find(key);
  if (it == o.end() || it->value().is_null()) return {};
  const json::array* labels = it->value().if_array();
  if (!labels || labels->size() > 32) return wrong(key, "must be an array of at most 32 strings");
  for (const json::value& label : *labels) {
    if (!label.is_string() || label.get_string().empty() || label.get_string().size() > name_limit)
      return wrong(key, "must hold strings of 1 to 200 bytes");
    into.emplace_back(label.get_string().data(), label.get_string().size());
  }
  return {};
}

Result<void> need_text(const json::object& input, std::string_view key) {
  const auto text = json::get_string(input, key);
  if (!text || text->empty()) return wrong(fmt::format("input.{}", key), "must be a string that is not empty");
  return {};
}

Result<void> may_text(const json::object& input, std::string_view key) {
  const auto it = input.find(key);
  if (it != input.end() && !it->value().is_null() && !it->value().is_string())
    return wrong(fmt::format("input.{}", key), "must be a string");
  return {};
}

bool all_strings(const json::array& a) {
  return std::all_of(a.begin(), a.end(), [](const json::value& v) { return v.is_string(); });
}

Result<void> check_command(const json::object& input) {
  const json::array* argv = json::get_array(input, "argv");
  if (!argv || argv->empty() || !all_strings(*argv) || argv->front().get_string().empty())
    return wrong("input.argv", "must be an array of strings: a program and its arguments");
  if (const auto it = input.find("env"); it != input.end() && !it->value().is_null()) {
    const json::object* env = it->value().if_object();
    if (!env || !std::all_of(env->begin(), env->end(), [](const auto& member) { return member.value().is_string(); }))
      return wrong("input.env", "must be an object of strings");
  }
  return may_text(input, "cwd");
}

Result<void> check_input(TaskKind kind, const json::object& input) {
  Result<void> good;
  switch (kind) {
    case TaskKind::prompt: good = need_text(input, "prompt"); return good ? may_text(input, "system") : good;
    case TaskKind::document:
      if (good = need_text(input, "name"); !good) return good;
      if (good = need_text(input, "prompt"); !good) return good;
      if (!is_blob_id(json::string_or(input, "blob", "")))
        return wrong("input.blob", "must be the id of a stored blob: 64 hex digits, as PUT /fleet/v1/blobs takes them");
      return {};
    case TaskKind::command: return check_command(input);
    case TaskKind::agent: good = need_text(input, "repo"); return good ? need_text(input, "text") : good;
  }
  return {};
}

Result<void> read_dependencies(const json::object& o, TaskSpec& spec) {
  constexpr std::size_t most = 10'000;
  if (const auto it = o.find("if_dependency_fails"); it != o.end() && !it->value().is_null()) {
    const std::string word = json::string_or(o, "if_dependency_fails", "");
    if (word != "cancel" && word != "run") return wrong("if_dependency_fails", "must be cancel or run");
    spec.if_dependency_fails = word == "run" ? IfDependencyFails::run : IfDependencyFails::cancel;
  }
  const auto it = o.find("depends_on");
  if (it == o.end() || it->value().is_null()) return {};
  const json::array* ids = it->value().if_array();
  if (!ids || ids->size() > most)
    return wrong("depends_on", fmt::format("must be an array of at most {} ids; a batch counts as one", most));
  std::unordered_set<std::string_view> seen;
  for (const json::value& id : *ids) {
    const std::string_view text = id.is_string() ? std::string_view(id.get_string()) : std::string_view();
    const bool item = text.size() > 1 && text[0] == '#' && (text == "#0" || parse_id('#', text));
    if (!item && !parse_id('t', text) && !parse_id('b', text))
      return wrong("depends_on", "must hold ids of tasks (t12) and batches (b3), or #7 for an item of the same batch");
    if (seen.insert(text).second) spec.depends_on.emplace_back(text);
  }
  return {};
}

Result<void> read_budget(const json::object& o, std::optional<std::int64_t>& into) {
  const auto it = o.find("budget_usd");
  if (it == o.end() || it->value().is_null()) return {};
  into = parse_usd(json::string_or(o, "budget_usd", ""));
  if (!into || *into <= 0) return wrong("budget_usd", "must be an amount above 0 as a string, for example \"0.50\"");
  return {};
}

}  // namespace

Result<TaskSpec> TaskSpec::from_json(const json::object& o) {
  TaskSpec spec;
  const auto kind = parse_task_kind(json::string_or(o, "kind", ""));
  if (!kind) return wrong("kind", "must be prompt, document, command or agent");
  spec.kind = *kind;
  const json::object* input = json::get_object(o, "input");
  if (!input) return wrong("input", "must be an object");
  spec.input = *input;
  if (const auto it = o.find("exclusive"); it != o.end() && !it->value().is_null()) {
    if (!it->value().is_bool()) return wrong("exclusive", "must be true or false");
    spec.exclusive = it->value().get_bool();
  }
  for (const auto& checked :
       {read_dependencies(o, spec), read_budget(o, spec.budget_pico_usd), read_name(o, "title", title_limit, spec.title),
        read_name(o, "model", name_limit, spec.model), read_name(o, "node", name_limit, spec.node),
        read_name(o, "worker", name_limit, spec.worker), read_name(o, "project", name_limit, spec.project),
        read_labels(o, "labels", spec.labels), read_labels(o, "features", spec.features), read_number(o, "priority", 0, 9, spec.priority),
        read_number(o, "max_attempts", 1, 100, spec.max_attempts), read_time(o, "not_before", spec.not_before),
        read_time(o, "deadline", spec.deadline), read_concurrency(o, spec.concurrency), read_name(o, "unique", name_limit, spec.unique),
        check_input(spec.kind, spec.input)})
    if (!checked) return Failure(checked.error());
  return spec;
}

}  // namespace flotte::wire
