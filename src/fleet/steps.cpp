// Steps in rows.
#include "fleet/steps.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/failpoint.hpp"
#include "fleet/leases.hpp"
#include "fleet/standing.hpp"
#include "fleet/tasks.hpp"
#include "wire/step.hpp"
#include "wire/task.hpp"

namespace flotte::fleet {
namespace {

constexpr std::string_view columns = "number, name, fence, attempt, at, content_type, bytes";

Step step_of(const store::Row& row) {
  Step step;
  step.number = row.integer(0);
  step.name = row.text(1);
  step.fence = row.integer(2);
  step.attempt = static_cast<int>(row.integer(3));
  step.at = row.time(4);
  step.content_type = row.text(5);
  step.bytes = row.integer(6);
  return step;
}

}  // namespace

json::object Step::to_json() const {
  json::object o;
  o["number"] = number;
  o["name"] = name;
  o["attempt"] = attempt;
  o["at"] = to_rfc3339(at);
  o["content_type"] = content_type;
  o["bytes"] = bytes;
  if (!blob.empty()) o["blob"] = blob;
  return o;
}

Result<void> check_step_name(std::string_view name) {
  if (!name.empty() && wire::is_step_name(name)) return {};
  return fail(Code::invalid_argument, "that is no name of a step",
              fmt::format("1 to {} bytes of text without control characters, the same at every attempt", wire::step_name_bytes));
}

Result<KeptStep> keep_step(store::Transaction& rows, std::int64_t task, const Step& step) {
  failpoint::reach(Failpoint::step_before_record);
  // One writer: nobody takes the lease away between this look and the commit.
  const auto lease = find_lease(rows, task);
  if (!lease || lease->fence != step.fence || !lease->accepted) {
    if (!has_task(rows, task)) return no_task(task);
    return fail(Code::conflict, fmt::format("this run does not have {} any more: its steps are not kept", wire::format_id('t', task)),
                "another attempt has it, or it has ended");
  }
  if (auto known = find_step(rows, task, step.name)) return KeptStep{std::move(*known), true};
  Step kept = step;
  kept.attempt = lease->attempt;
  kept.at = rows.now();
  kept.number = rows.one("SELECT coalesce(max(number), 0) + 1 FROM step WHERE task = ?", task)->integer(0);
  if (kept.number > steps_of_a_task)
    return fail(Code::exhausted, fmt::format("a task has at most {} steps", steps_of_a_task),
                "put more into a step, or make it several tasks");
  const std::optional<std::string_view> blob = kept.blob.empty() ? std::nullopt : std::optional<std::string_view>(kept.blob);
  rows.execute(
      "INSERT INTO step (task, number, name, fence, attempt, at, content_type, bytes, blob, output) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      task, kept.number, kept.name, kept.fence, kept.attempt, kept.at, kept.content_type, kept.bytes, blob, kept.output);
  return KeptStep{std::move(kept), false};
}

std::optional<Step> find_step(store::Transaction& rows, std::int64_t task, std::string_view name) {
  static const std::string sql = fmt::format("SELECT {}, blob, output FROM step WHERE task = ? AND name = ?", columns);
  const auto row = rows.one(sql, task, name);
  if (!row) return std::nullopt;
  Step step = step_of(*row);
  step.blob = row->text_or_empty(7);
  step.output = row->text(8);
  return step;
}

std::vector<Step> list_steps(store::Transaction& rows, std::int64_t task, std::int64_t after, std::size_t limit) {
  static const std::string sql = fmt::format("SELECT {}, blob FROM step WHERE task = ? AND number > ? ORDER BY number LIMIT ?", columns);
  std::vector<Step> out;
  for (const store::Row& row : rows.query(sql, task, after, std::min<std::size_t>(limit, 1000))) {
    out.push_back(step_of(row));
    out.back().blob = row.text_or_empty(7);
  }
  return out;
}

}  // namespace flotte::fleet
