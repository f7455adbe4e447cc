// Rows as JSON.
#include "cli/batch/row.hpp"

namespace flotte::cli {
namespace {

RowError make_error(const Error& error) { return {std::string(to_string(error.code)), error.message, error.hint}; }

json::value text_or_null(const std::string& text) { return text.empty() ? json::value(nullptr) : json::value(text); }

void say_budget(ResultRow& row) {
  row.reason = "budget";
  row.error = RowError{"budget", "the batch's limit of cost was reached before it began", ""};
}

}  // namespace

json::object ResultRow::to_json() const {
  json::object o;
  o["input"] = input;
  if (!id.empty()) o["id"] = id;
  o["state"] = state;
  if (!reason.empty()) o["reason"] = reason;
  o["output"] = json::or_null(output);
  o["node"] = text_or_null(node);
  o["worker"] = text_or_null(worker);
  o["model"] = text_or_null(model);
  o["target"] = text_or_null(target);
  o["attempt"] = attempt;
  o["usage"] = usage.to_json();
  if (error) {
    json::object e{{"code", error->code}, {"message", error->message}};
    if (!error->hint.empty()) e["hint"] = error->hint;
    o["error"] = std::move(e);
  } else {
    o["error"] = nullptr;
  }
  return o;
}

Result<ResultRow> ResultRow::from_json(const json::object& o) {
  auto input = json::need_string(o, "input");
  if (!input) return pass(input);
  auto state = json::need_string(o, "state");
  if (!state) return pass(state);
  ResultRow row;
  row.input = std::move(*input);
  row.state = std::move(*state);
  row.id = json::string_or(o, "id", "");
  row.reason = json::string_or(o, "reason", "");
  if (auto output = json::get_string(o, "output")) row.output = std::string(*output);
  row.node = json::string_or(o, "node", "");
  row.worker = json::string_or(o, "worker", "");
  row.model = json::string_or(o, "model", "");
  row.target = json::string_or(o, "target", "");
  row.attempt = static_cast<int>(json::int_or(o, "attempt", 0));
  if (const json::object* usage = json::get_object(o, "usage")) row.usage = wire::Usage::from_json(*usage);
  if (const json::object* error = json::get_object(o, "error"))
    row.error = RowError{json::string_or(*error, "code", ""), json::string_or(*error, "message", ""), json::string_or(*error, "hint", "")};
  return row;
}

ResultRow make_row(std::string input, std::string id, const wire::TaskView& task) {
  ResultRow row;
  row.input = std::move(input);
  row.id = std::move(id);
  row.state = wire::to_string(task.state);
  row.node = task.node;
  row.worker = task.worker;
  row.model = task.model;
  row.target = task.target;
  row.attempt = task.attempt;
  row.usage = task.usage;
  if (task.error) row.error = make_error(*task.error);
  if (row.error && task.attempts_exhausted) row.error->code = "attempts_exhausted";
  if (!row.error && task.state == wire::TaskState::cancelled && task.reason == wire::Reason::budget) say_budget(row);
  if (!row.error && task.state == wire::TaskState::cancelled) row.error = RowError{"cancelled", "cancelled", ""};
  if (!row.error && task.state == wire::TaskState::failed) row.error = RowError{"internal", "failed without a reason", ""};
  return row;
}

ResultRow make_budget_row(std::string input, std::string id) {
  ResultRow row;
  row.input = std::move(input);
  row.id = std::move(id);
  row.state = "cancelled";
  say_budget(row);
  return row;
}

ResultRow make_refused_row(std::string input, std::string id, const Error& why) {
  ResultRow row;
  row.input = std::move(input);
  row.id = std::move(id);
  row.state = "failed";
  row.error = make_error(why);
  return row;
}

std::vector<ResultRow> parse_rows(std::string_view text) {
  std::vector<ResultRow> rows;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (auto object = json::parse_object(text.substr(0, end)))
      if (auto row = ResultRow::from_json(*object)) rows.push_back(std::move(*row));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return rows;
}

}  // namespace flotte::cli
