// Schedules as they are shown.
#include <fmt/format.h>

#include "base/money.hpp"
#include "fleet/detail/schedule_rows.hpp"

namespace flotte::fleet {
namespace {

Result<std::vector<wire::TaskSpec>> specs_of(const std::string& text) {
  const auto list = json::parse(text);
  if (!list || !list->is_array()) return fail(Code::corrupt, "what it makes cannot be read");
  std::vector<wire::TaskSpec> specs;
  for (const json::value& one : list->get_array()) {
    auto spec = one.is_object() ? wire::TaskSpec::from_json(one.get_object()) : Result<wire::TaskSpec>(fail(Code::corrupt, "no object"));
    if (!spec) return pass(spec, "what it makes cannot be read");
    specs.push_back(std::move(*spec));
  }
  return specs;
}

ScheduleRun run_of(const store::Row& row) { return {row.time(0), row.time(1), row.text(2), row.text(3), row.text(4)}; }

}  // namespace

ScheduleView detail::schedule_of(const store::Row& row) {
  ScheduleView v;
  v.number = row.integer(0);
  v.what.name = row.text(1);
  v.what.owner = row.text(2);
  v.what.cron = row.text(3);
  v.what.zone = row.text(4);
  v.what.catch_up = static_cast<CatchUp>(row.integer(5));
  v.what.catch_up_limit = row.integer(6);
  v.what.overlap = static_cast<Overlap>(row.integer(7));
  v.what.paused = row.flag(8);
  v.what.batch = row.flag(9);
  v.tasks = row.integer(10);
  v.what.max_cost_pico_usd = row.maybe_integer(11);
  v.problem = row.text(12);
  v.created_at = row.time(13);
  v.next_at = row.maybe_time(14);
  return v;
}

Result<std::vector<wire::TaskSpec>> detail::schedule_specs(store::Transaction& rows, std::int64_t schedule) {
  const auto row = rows.one("SELECT specs FROM schedule_input WHERE schedule = ?", schedule);
  return specs_of(row ? row->text(0) : std::string());
}

namespace {
ScheduleView with_last(store::Transaction& rows, const store::Row& row) {
  ScheduleView view = detail::schedule_of(row);
  if (auto runs = list_schedule_runs(rows, view.number, 1); !runs.empty()) view.last = std::move(runs.front());
  return view;
}
}  // namespace

std::optional<ScheduleView> show_schedule(store::Transaction& rows, std::int64_t schedule) {
  static const std::string sql = fmt::format("SELECT {} FROM schedule WHERE id = ?", detail::schedule_columns);
  const auto row = rows.one(sql, schedule);
  if (!row) return std::nullopt;
  ScheduleView view = with_last(rows, *row);
  if (auto specs = detail::schedule_specs(rows, schedule)) view.what.specs = std::move(*specs);
  return view;
}

SchedulePage list_schedules(store::Transaction& rows, std::string_view after, std::size_t limit) {
  static const std::string sql = fmt::format("SELECT {} FROM schedule WHERE name > ? ORDER BY name LIMIT ?", detail::schedule_columns);
  SchedulePage page;
  for (const store::Row& row : rows.query(sql, after, limit + 1)) {
    if (page.items.size() == limit) {
      page.next = page.items.back().what.name;
      break;
    }
    page.items.push_back(with_last(rows, row));
  }
  return page;
}

std::vector<ScheduleRun> list_schedule_runs(store::Transaction& rows, std::int64_t schedule, std::size_t limit) {
  std::vector<ScheduleRun> out;
  for (const store::Row& row :
       rows.query("SELECT instant, at, outcome, made, message FROM schedule_run WHERE schedule = ? ORDER BY instant DESC LIMIT ?", schedule,
                  limit))
    out.push_back(run_of(row));
  return out;
}

json::object ScheduleRun::to_json() const {
  return {{"instant", to_rfc3339(instant)},
          {"at", to_rfc3339(at)},
          {"outcome", outcome},
          {"made", made.empty() ? json::value(nullptr) : json::value(made)},
          {"message", message.empty() ? json::value(nullptr) : json::value(message)}};
}

json::object ScheduleView::summary() const {
  json::object o;
  o["id"] = wire::format_id('s', number);
  o["name"] = what.name;
  o["owner"] = what.owner;
  o["cron"] = what.cron;
  o["zone"] = what.zone;
  o["catch_up"] = to_string(what.catch_up);
  o["catch_up_limit"] = what.catch_up_limit;
  o["overlap"] = what.overlap == Overlap::skip ? "skip" : "run";
  o["state"] = !problem.empty() ? "broken" : what.paused ? "paused" : "active";
  o["problem"] = problem.empty() ? json::value(nullptr) : json::value(problem);
  o["created_at"] = to_rfc3339(created_at);
  o["next_at"] = next_at ? json::value(to_rfc3339(*next_at)) : json::value(nullptr);
  o["last"] = last ? json::value(last->to_json()) : json::value(nullptr);
  o["makes"] = what.batch ? "batch" : "task";
  o["tasks"] = tasks;
  return o;
}

json::object ScheduleView::to_json() const {
  json::object o = summary();
  if (!what.batch) {
    o["task"] = what.specs.empty() ? json::value(nullptr) : json::value(what.specs.front().to_json());
    return o;
  }
  json::object batch;
  batch["max_cost_usd"] = what.max_cost_pico_usd ? json::value(format_usd(*what.max_cost_pico_usd)) : json::value(nullptr);
  json::array items;
  for (const wire::TaskSpec& spec : what.specs) items.emplace_back(spec.to_json());
  batch["items"] = std::move(items);
  o["batch"] = std::move(batch);
  return o;
}

}  // namespace flotte::fleet
