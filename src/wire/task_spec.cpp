// Reading and checking what is submitted.
#include <fmt/format.h>

#include <algorithm>

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

Result<void> read_labels(const json::object& o, std::vector<std::string>& into) {
  const auto it = o.find("labels");
  if (it == o.end() || it->value().is_null()) return {};
  const json::array* labels = it->value().if_array();
  if (!labels || labels->size() > 32) return wrong("labels", "must be an array of at most 32 strings");
  for (const json::value& label : *labels) {
    if (!label.is_string() || label.get_string().empty() || label.get_string().size() > name_limit)
      return wrong("labels", "must hold strings of 1 to 200 bytes");
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

/// Members of the contract that change what happens, and that this version cannot do: better said than ignored.
Result<void> refuse_unsupported(const json::object& o) {
  if (const auto it = o.find("depends_on");
      it != o.end() && !it->value().is_null() && !(it->value().is_array() && it->value().get_array().empty()))
    return fail(Code::unsupported, "\"depends_on\" is not supported by this version");
  if (const auto it = o.find("budget_usd"); it != o.end() && !it->value().is_null())
    return fail(Code::unsupported, "\"budget_usd\" is not supported by this version");
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
       {refuse_unsupported(o), read_name(o, "title", title_limit, spec.title), read_name(o, "model", name_limit, spec.model),
        read_name(o, "node", name_limit, spec.node), read_name(o, "worker", name_limit, spec.worker),
        read_name(o, "project", name_limit, spec.project), read_labels(o, spec.labels), read_number(o, "priority", 0, 9, spec.priority),
        read_number(o, "max_attempts", 1, 100, spec.max_attempts), read_time(o, "not_before", spec.not_before),
        read_time(o, "deadline", spec.deadline), check_input(spec.kind, spec.input)})
    if (!checked) return Failure(checked.error());
  return spec;
}

}  // namespace flotte::wire
