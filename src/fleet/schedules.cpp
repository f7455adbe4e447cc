// Schedules in rows: made, held, forgotten.
#include "fleet/schedules.hpp"

#include <fmt/format.h>

#include "fleet/detail/schedule_rows.hpp"

namespace flotte::fleet {
namespace {

/// As they are stored.
Result<std::string> bounded_specs(const NewSchedule& schedule) {
  json::array list;
  for (const wire::TaskSpec& spec : schedule.specs) list.emplace_back(spec.to_json());
  std::string text = json::dump(std::move(list));
  if (text.size() <= schedule_bytes) return text;
  return fail(Code::too_large,
              fmt::format("what a schedule makes has at most {} KiB, and this has {}", schedule_bytes >> 10, text.size() >> 10),
              "store long texts with PUT /fleet/v1/blobs and make tasks of kind document");
}

/// What speaks against a task that is made again and again.
Result<void> check_repeatable(const NewSchedule& schedule, const wire::TaskSpec& spec) {
  const auto wrong = [](const char* field) {
    return fail(Code::invalid_argument, fmt::format("\"{}\": a task that is made again and again cannot have one", field),
                "leave it out; the schedule says when");
  };
  if (spec.not_before) return wrong("not_before");
  if (spec.deadline) return wrong("deadline");
  if (schedule.batch && !spec.unique.empty())
    return fail(Code::invalid_argument, "\"unique\" is for single tasks, and this is an item of a batch",
                "leave it out; with \"overlap\": \"skip\" nothing is made while the last batch has not ended");
  return {};
}

Result<void> check_all_repeatable(const NewSchedule& schedule) {
  for (std::size_t i = 0; i < schedule.specs.size(); ++i)
    if (auto good = check_repeatable(schedule, schedule.specs[i]); !good)
      return schedule.batch ? pass(good, fmt::format("batch.items[{}]", i)) : pass(good);
  return {};
}

struct Checked {
  Cron cron;
  TimeZone zone;
  std::string specs;  // as they are stored
};
Result<Checked> check(const NewSchedule& schedule) {
  const auto cron = parse_cron(schedule.cron);
  if (!cron) return Failure(cron.error());
  auto zone = TimeZone::load(schedule.zone);
  if (!zone) return pass(zone);
  if (auto good = check_all_repeatable(schedule); !good) return pass(good);
  auto specs = bounded_specs(schedule);
  if (!specs) return pass(specs);
  return Checked{*cron, std::move(*zone), std::move(*specs)};
}

/// The tick comes then.
void wait_for(Ledger& ledger, std::optional<WallTime> next) {
  if (next && (!ledger.changes.due || *next < *ledger.changes.due)) ledger.changes.due = next;
}

}  // namespace

Failure detail::no_schedule(std::int64_t schedule) {
  return fail(Code::not_found, fmt::format("no schedule {}", wire::format_id('s', schedule)), "see `flotte schedule ls`");
}

Result<std::int64_t> add_schedule(Ledger& ledger, const NewSchedule& schedule) {
  const auto checked = check(schedule);
  if (!checked) return Failure(checked.error());
  if (schedule.name.empty() || schedule.name.size() > 200) return fail(Code::invalid_argument, "\"name\" must have 1 to 200 bytes");
  if (find_schedule(ledger.rows, schedule.name))
    return fail(Code::conflict, fmt::format("there is a schedule \"{}\" already", schedule.name),
                "take another name, remove that one, or change it: flotte schedule edit");
  if (ledger.rows.one("SELECT count(*) FROM schedule WHERE owner = ?", schedule.owner)->integer(0) >= schedules_of_an_owner)
    return fail(Code::exhausted,
                fmt::format("{} has {} schedules, and no more are kept for one key", schedule.owner, schedules_of_an_owner),
                "flotte schedule rm those that are not needed");
  const WallTime now = ledger.rows.now();
  const auto next = schedule.paused ? std::nullopt : next_instant(checked->cron, checked->zone, now);
  ledger.rows.execute(
      "INSERT INTO schedule (name, owner, cron, zone, catch_up, catch_up_limit, overlap, paused, batch, tasks, max_cost_pico_usd, "
      "created_at, next_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      schedule.name, schedule.owner, schedule.cron, schedule.zone, static_cast<int>(schedule.catch_up), schedule.catch_up_limit,
      static_cast<int>(schedule.overlap), schedule.paused, schedule.batch, schedule.specs.size(), schedule.max_cost_pico_usd, now, next);
  const std::int64_t id = ledger.rows.last_id();
  ledger.rows.execute("INSERT INTO schedule_input (schedule, specs) VALUES (?, ?)", id, checked->specs);
  wait_for(ledger, next);
  return id;
}

Result<void> change_schedule(Ledger& ledger, std::int64_t schedule, const NewSchedule& wanted) {
  const auto checked = check(wanted);
  if (!checked) return Failure(checked.error());
  const auto row = ledger.rows.one("SELECT paused FROM schedule WHERE id = ?", schedule);
  if (!row) return detail::no_schedule(schedule);
  const auto next = row->flag(0) ? std::nullopt : next_instant(checked->cron, checked->zone, ledger.rows.now());
  ledger.rows.execute(
      "UPDATE schedule SET cron = ?, zone = ?, catch_up = ?, catch_up_limit = ?, overlap = ?, problem = '', next_at = ? WHERE id = ?",
      wanted.cron, wanted.zone, static_cast<int>(wanted.catch_up), wanted.catch_up_limit, static_cast<int>(wanted.overlap), next, schedule);
  wait_for(ledger, next);
  if (wanted.specs.empty()) return {};
  ledger.rows.execute("UPDATE schedule SET batch = ?, tasks = ?, max_cost_pico_usd = ? WHERE id = ?", wanted.batch, wanted.specs.size(),
                      wanted.max_cost_pico_usd, schedule);
  ledger.rows.execute("UPDATE schedule_input SET specs = ? WHERE schedule = ?", checked->specs, schedule);
  return {};
}

std::optional<std::int64_t> find_schedule(store::Transaction& rows, std::string_view id_or_name) {
  // A name first: one may be called "s3".
  if (const auto row = rows.one("SELECT id FROM schedule WHERE name = ?", id_or_name)) return row->integer(0);
  const auto number = wire::parse_id('s', id_or_name);
  if (number && rows.one("SELECT 1 FROM schedule WHERE id = ?", *number)) return number;
  return std::nullopt;
}

Result<void> pause_schedule(Ledger& ledger, std::int64_t schedule) {
  if (ledger.rows.execute("UPDATE schedule SET paused = 1, next_at = NULL WHERE id = ?", schedule) == 0)
    return detail::no_schedule(schedule);
  return {};
}

Result<void> resume_schedule(Ledger& ledger, std::int64_t schedule) {
  const auto row = ledger.rows.one("SELECT cron, zone FROM schedule WHERE id = ?", schedule);
  if (!row) return detail::no_schedule(schedule);
  const auto cron = parse_cron(row->text(0));
  if (!cron) return Failure(cron.error());
  const auto zone = TimeZone::load(row->text(1));
  if (!zone) return Failure(zone.error());
  const auto next = next_instant(*cron, *zone, ledger.rows.now());
  ledger.rows.execute("UPDATE schedule SET paused = 0, problem = '', next_at = ? WHERE id = ?", next, schedule);
  wait_for(ledger, next);
  return {};
}

Result<void> remove_schedule(Ledger& ledger, std::int64_t schedule) {
  if (ledger.rows.execute("DELETE FROM schedule WHERE id = ?", schedule) == 0) return detail::no_schedule(schedule);
  ledger.rows.execute("DELETE FROM schedule_input WHERE schedule = ?", schedule);
  ledger.rows.execute("DELETE FROM schedule_run WHERE schedule = ?", schedule);
  return {};
}

void stop_schedules_of(store::Transaction& rows, std::string_view owner) {
  rows.execute("UPDATE schedule SET problem = ?, next_at = NULL WHERE owner = ?", fmt::format("the key {} was removed", owner), owner);
}

}  // namespace flotte::fleet
