// Tasks, batches and usage as JSON.
#include "wire/task.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "base/money.hpp"
#include "wire/detail/fields.hpp"

namespace flotte::wire {
namespace {
constexpr std::string_view exit_status = "exit_status";  // a code of a task's error only
constexpr std::array<std::string_view, 4> kinds{"prompt", "document", "command", "agent"};
constexpr std::array<std::string_view, 7> states{"queued", "offered", "running", "waiting", "succeeded", "failed", "cancelled"};
constexpr std::array<std::string_view, 8> reasons{"none", "time", "backoff", "quota", "budget", "approval", "dependency", "paused"};

template <class E, std::size_t N>
std::optional<E> find_word(const std::array<std::string_view, N>& words, std::string_view word) noexcept {
  for (std::size_t i = 0; i < N; ++i)
    if (words[i] == word) return static_cast<E>(i);
  return std::nullopt;
}

void put_text(json::object& o, std::string_view key, const std::string& text) {
  if (!text.empty()) o[key] = text;
}
}  // namespace

std::string_view to_string(TaskKind kind) noexcept { return kinds[static_cast<std::size_t>(kind)]; }
std::string_view to_string(TaskState state) noexcept { return states[static_cast<std::size_t>(state)]; }
std::string_view to_string(Reason reason) noexcept { return reasons[static_cast<std::size_t>(reason)]; }
std::optional<TaskKind> parse_task_kind(std::string_view word) noexcept { return find_word<TaskKind>(kinds, word); }
std::optional<TaskState> parse_task_state(std::string_view word) noexcept { return find_word<TaskState>(states, word); }
std::optional<Reason> parse_reason(std::string_view word) noexcept { return find_word<Reason>(reasons, word); }

// ---- usage -------------------------------------------------------------------------------------------------------

Usage& Usage::operator+=(const Usage& other) {
  input_tokens += other.input_tokens;
  cached_tokens += other.cached_tokens;
  output_tokens += other.output_tokens;
  cost_pico_usd = add_usd(cost_pico_usd, other.cost_pico_usd);
  unpriced_calls += other.unpriced_calls;
  return *this;
}

json::object Usage::to_json() const {
  json::object o;
  o["input_tokens"] = input_tokens;
  o["cached_tokens"] = cached_tokens;
  o["output_tokens"] = output_tokens;
  o["cost_usd"] = unpriced_calls > 0 && cost_pico_usd == 0 ? json::value(nullptr) : json::value(format_usd(cost_pico_usd));
  if (unpriced_calls > 0) o["unpriced_calls"] = unpriced_calls;
  return o;
}

Usage Usage::from_json(const json::object& o) {
  Usage u;
  u.input_tokens = json::int_or(o, "input_tokens", 0);
  u.cached_tokens = json::int_or(o, "cached_tokens", 0);
  u.output_tokens = json::int_or(o, "output_tokens", 0);
  u.cost_pico_usd = parse_usd(json::string_or(o, "cost_usd", "0")).value_or(0);
  u.unpriced_calls = json::int_or(o, "unpriced_calls", 0);
  return u;
}

// ---- a task to be done: see task_spec.cpp for the reading side ----------------------------------------------------

json::object TaskSpec::to_json() const {
  json::object o{{"kind", wire::to_string(kind)}, {"priority", priority}, {"max_attempts", max_attempts}, {"input", input}};
  put_text(o, "title", title);
  put_text(o, "model", model);
  put_text(o, "node", node);
  put_text(o, "worker", worker);
  put_text(o, "project", project);
  if (!labels.empty()) o["labels"] = detail::from_strings(labels);
  if (not_before) o["not_before"] = to_rfc3339(*not_before);
  if (deadline) o["deadline"] = to_rfc3339(*deadline);
  if (exclusive) o["exclusive"] = true;
  if (!features.empty()) o["features"] = detail::from_strings(features);
  if (concurrency) o["concurrency"] = json::object{{"key", concurrency->key}, {"limit", concurrency->limit}};
  put_text(o, "unique", unique);
  if (!depends_on.empty()) o["depends_on"] = detail::from_strings(depends_on);
  if (if_dependency_fails == IfDependencyFails::run) o["if_dependency_fails"] = "run";
  if (budget_pico_usd) o["budget_usd"] = format_usd(*budget_pico_usd);
  return o;
}

/// A command that ran and said no by its exit status: nothing is wrong with the request.
static bool said_no(const TaskView& task) {
  return task.kind == TaskKind::command && task.error && task.error->code == Code::unprocessable && task.result.is_object() &&
         json::int_or(task.result.get_object(), "exit_code", 0) != 0;
}

// ---- a task as it is shown ---------------------------------------------------------------------------------------

json::object TaskView::to_json() const {
  const auto text_or_null = [](const std::string& text) { return text.empty() ? json::value(nullptr) : json::value(text); };
  json::object o;
  o["id"] = id;
  o["kind"] = wire::to_string(kind);
  o["title"] = title;
  o["state"] = wire::to_string(state);
  o["reason"] = reason == Reason::none ? json::value(nullptr) : json::value(wire::to_string(reason));
  o["batch"] = text_or_null(batch);
  o["item"] = item < 0 ? json::value(nullptr) : json::value(item);
  o["project"] = text_or_null(project);
  o["owner"] = owner;
  o["flow"] = flow;
  o["priority"] = priority;
  o["labels"] = detail::from_strings(labels);
  o["attempt"] = attempt;
  o["node"] = text_or_null(node);
  o["worker"] = text_or_null(worker);
  o["model"] = text_or_null(model);
  o["target"] = text_or_null(target);
  o["retry_of"] = text_or_null(retry_of);
  o["created_at"] = detail::time_or_null(created_at);
  o["started_at"] = detail::time_or_null(started_at);
  o["ended_at"] = detail::time_or_null(ended_at);
  o["usage"] = usage.to_json();
  json::value shown = detail::error_or_null(error);
  if (said_no(*this)) shown.get_object()["code"] = exit_status;
  if (attempts_exhausted && shown.is_object()) shown.get_object()["code"] = "attempts_exhausted";
  o["error"] = std::move(shown);
  if (budget_pico_usd) o["budget_usd"] = format_usd(*budget_pico_usd);
  o["result"] = result;
  return o;
}

Result<TaskView> TaskView::from_json(const json::object& o) {
  TaskView v;
  v.id = json::string_or(o, "id", "");
  const auto kind = parse_task_kind(json::string_or(o, "kind", ""));
  const auto state = parse_task_state(json::string_or(o, "state", ""));
  if (v.id.empty() || !kind || !state) return fail(Code::invalid_argument, "a task has an id, a kind and a state");
  v.kind = *kind;
  v.state = *state;
  v.title = json::string_or(o, "title", "");
  v.reason = parse_reason(json::string_or(o, "reason", "none")).value_or(Reason::none);
  v.batch = json::string_or(o, "batch", "");
  v.item = json::int_or(o, "item", -1);
  v.project = json::string_or(o, "project", "");
  v.owner = json::string_or(o, "owner", "");
  v.flow = json::string_or(o, "flow", "");
  v.priority = static_cast<int>(json::int_or(o, "priority", 2));
  v.labels = json::strings(o, "labels");
  v.attempt = static_cast<int>(json::int_or(o, "attempt", 0));
  v.node = json::string_or(o, "node", "");
  v.worker = json::string_or(o, "worker", "");
  v.model = json::string_or(o, "model", "");
  v.target = json::string_or(o, "target", "");
  v.retry_of = json::string_or(o, "retry_of", "");
  v.created_at = detail::get_time(o, "created_at");
  v.started_at = detail::get_time(o, "started_at");
  v.ended_at = detail::get_time(o, "ended_at");
  if (const json::object* usage = json::get_object(o, "usage")) v.usage = Usage::from_json(*usage);
  v.error = detail::get_error(o, "error");
  const json::object* error = json::get_object(o, "error");
  const std::string code = error ? json::string_or(*error, "code", "") : std::string();
  if (code == exit_status) v.error->code = Code::unprocessable;
  if (code == "attempts_exhausted") {
    v.attempts_exhausted = true;
    v.error->code = Code::exhausted;
  }
  v.budget_pico_usd = parse_usd(json::string_or(o, "budget_usd", ""));
  if (const auto it = o.find("result"); it != o.end()) v.result = it->value();
  return v;
}

json::object AttemptView::to_json() const {
  return {{"attempt", attempt},
          {"node", node},
          {"worker", worker},
          {"outcome", outcome},
          {"message", message},
          {"started_at", detail::time_or_null(started_at)},
          {"ended_at", detail::time_or_null(ended_at)},
          {"usage", usage.to_json()}};
}

AttemptView AttemptView::from_json(const json::object& o) {
  AttemptView v;
  v.attempt = static_cast<int>(json::int_or(o, "attempt", 0));
  v.node = json::string_or(o, "node", "");
  v.worker = json::string_or(o, "worker", "");
  v.outcome = json::string_or(o, "outcome", "");
  v.message = json::string_or(o, "message", "");
  v.started_at = detail::get_time(o, "started_at");
  v.ended_at = detail::get_time(o, "ended_at");
  if (const json::object* usage = json::get_object(o, "usage")) v.usage = Usage::from_json(*usage);
  return v;
}

json::object BatchView::to_json() const {
  json::object counts{{"queued", queued},       {"offered", offered}, {"running", running},    {"waiting", waiting},
                      {"succeeded", succeeded}, {"failed", failed},   {"cancelled", cancelled}};
  return {{"id", id},
          {"title", title},
          {"state", state},
          {"total", total},
          {"counts", std::move(counts)},
          {"usage", usage.to_json()},
          {"reason", reason == Reason::none ? json::value(nullptr) : json::value(wire::to_string(reason))},
          {"max_cost_usd", max_cost_pico_usd ? json::value(format_usd(*max_cost_pico_usd)) : json::value(nullptr)},
          {"created_at", detail::time_or_null(created_at)},
          {"ended_at", detail::time_or_null(ended_at)}};
}

Result<BatchView> BatchView::from_json(const json::object& o) {
  BatchView v;
  v.id = json::string_or(o, "id", "");
  v.state = json::string_or(o, "state", "");
  if (v.id.empty() || v.state.empty()) return fail(Code::invalid_argument, "a batch has an id and a state");
  v.title = json::string_or(o, "title", "");
  v.total = json::int_or(o, "total", 0);
  if (const json::object* counts = json::get_object(o, "counts")) {
    v.queued = json::int_or(*counts, "queued", 0);
    v.offered = json::int_or(*counts, "offered", 0);
    v.running = json::int_or(*counts, "running", 0);
    v.waiting = json::int_or(*counts, "waiting", 0);
    v.succeeded = json::int_or(*counts, "succeeded", 0);
    v.failed = json::int_or(*counts, "failed", 0);
    v.cancelled = json::int_or(*counts, "cancelled", 0);
  }
  if (const json::object* usage = json::get_object(o, "usage")) v.usage = Usage::from_json(*usage);
  v.reason = parse_reason(json::string_or(o, "reason", "none")).value_or(Reason::none);
  v.max_cost_pico_usd = parse_usd(json::string_or(o, "max_cost_usd", ""));
  v.created_at = detail::get_time(o, "created_at");
  v.ended_at = detail::get_time(o, "ended_at");
  return v;
}

// ---- ids ---------------------------------------------------------------------------------------------------------

std::string format_id(char prefix, std::int64_t number) { return fmt::format("{}{}", prefix, number); }

std::optional<std::int64_t> parse_id(char prefix, std::string_view id) {
  if (id.size() < 2 || id[0] != prefix || id[1] < '1' || id[1] > '9') return std::nullopt;
  std::int64_t number = 0;
  const auto end = std::from_chars(id.data() + 1, id.data() + id.size(), number);
  if (end.ec != std::errc() || end.ptr != id.data() + id.size()) return std::nullopt;
  return number;
}

bool is_blob_id(std::string_view text) noexcept {
  if (text.starts_with("sha256:")) text.remove_prefix(7);
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace flotte::wire
