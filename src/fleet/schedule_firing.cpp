// Schedules and the clock: what each instant makes, once.
#include <fmt/format.h>

#include <algorithm>

#include "base/log.hpp"
#include "fleet/batches.hpp"
#include "fleet/detail/schedule_rows.hpp"
#include "fleet/tasks.hpp"

namespace flotte::fleet {
namespace {

/// How long it is known which instants have fired. A clock that is set back by more may repeat one.
constexpr auto remembered = std::chrono::days(40);

void write_run(Ledger& ledger, std::int64_t schedule, WallTime instant, std::string_view outcome, std::string_view made,
               std::string_view message) {
  ledger.rows.execute(
      "INSERT INTO schedule_run (schedule, instant, at, outcome, made, message) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (schedule, instant) "
      "DO UPDATE SET at = excluded.at, outcome = excluded.outcome, made = excluded.made, message = excluded.message "
      "WHERE schedule_run.outcome = 'missed'",
      schedule, instant, ledger.rows.now(), outcome, made, message);
}

bool has_ended(store::Transaction& rows, std::string_view made) {
  if (const auto batch = wire::parse_id('b', made)) {
    const auto row = rows.one("SELECT ended_at FROM batch WHERE id = ?", *batch);
    return !row || !row->is_null(0);
  }
  const auto row = rows.one("SELECT state FROM task WHERE id = ?", wire::parse_id('t', made).value_or(0));
  return !row || row->integer(0) != 0;
}

/// What it made that has not ended.
std::string still_runs(Ledger& ledger, std::int64_t schedule) {
  for (const store::Row& row :
       ledger.rows.query("SELECT made FROM schedule_run WHERE schedule = ? AND outcome = 'made' ORDER BY instant DESC LIMIT 20", schedule))
    if (!has_ended(ledger.rows, row.text(0))) return row.text(0);
  return {};
}

using Specs = std::vector<wire::TaskSpec>;

Result<std::string> make_task(Ledger& ledger, const NewSchedule& schedule, const wire::TaskSpec& spec) {
  Submission submission;
  submission.owner = schedule.owner;
  submission.spec = spec;
  if (submission.spec.title.empty()) submission.spec.title = schedule.name;
  const auto made = submit(ledger, submission);
  if (!made) return Failure(made.error());
  return wire::format_id('t', made->task);
}

Result<std::string> make_whole_batch(Ledger& ledger, const NewSchedule& schedule, const Specs& specs) {
  NewBatch batch;
  batch.owner = schedule.owner;
  batch.title = schedule.name;
  batch.max_cost_pico_usd = schedule.max_cost_pico_usd;
  const auto made = make_batch(ledger, batch);
  if (!made) return Failure(made.error());
  std::vector<BatchItem> items;
  for (const wire::TaskSpec& spec : specs) items.push_back({static_cast<std::int64_t>(items.size()), spec.title, spec, true});
  if (const auto added = submit_many(ledger, *made, items); !added) {
    (void)cancel_batch(ledger, *made, wire::Reason::none);  // what went in before is not wanted alone
    return Failure(added.error());
  }
  if (auto sealed = seal_batch(ledger, *made); !sealed) return pass(sealed);
  return wire::format_id('b', *made);
}

Result<std::string> make_what(Ledger& ledger, const NewSchedule& schedule, const Result<Specs>& specs) {
  if (!specs) return Failure(specs.error());
  if (specs->empty()) return fail(Code::corrupt, "it makes nothing");
  return schedule.batch ? make_whole_batch(ledger, schedule, *specs) : make_task(ledger, schedule, specs->front());
}

/// One instant, once. How many tasks it was about; at least 1 where anything was written.
std::int64_t fire(Ledger& ledger, const ScheduleView& schedule, const Result<Specs>& specs, WallTime instant) {
  const std::int64_t id = schedule.number;
  if (ledger.rows.one("SELECT 1 FROM schedule_run WHERE schedule = ? AND instant = ? AND outcome <> 'missed'", id, instant)) return 0;
  if (schedule.what.overlap == Overlap::skip) {
    if (const std::string busy = still_runs(ledger, id); !busy.empty()) {
      write_run(ledger, id, instant, "skipped", "", fmt::format("{} had not ended", busy));
      return 1;
    }
  }
  const auto made = make_what(ledger, schedule.what, specs);
  write_run(ledger, id, instant, made ? "made" : "failed", made ? *made : "", made ? "" : made.error().text());
  if (!made) log::warning("a schedule could not make its task", {{"schedule", schedule.what.name}, {"error", made.error().text()}});
  return std::max<std::int64_t>(1, schedule.tasks);
}

/// A schedule that cannot be told by the clock any more: it stops, and says why.
void stop(Ledger& ledger, std::int64_t schedule, const std::string& name, const Error& error) {
  ledger.rows.execute("UPDATE schedule SET problem = ?, next_at = NULL WHERE id = ?", error.text(), schedule);
  log::error("a schedule has stopped", {{"schedule", name}, {"error", error.text()}});
}

}  // namespace

Result<const TimeZone*> Zones::find(const std::string& name) {
  if (const auto known = known_.find(name); known != known_.end()) return &known->second;
  auto zone = TimeZone::load(name, directory_);
  if (!zone) return pass(zone);
  return &known_.emplace(name, std::move(*zone)).first->second;
}

Result<std::string> run_schedule(Ledger& ledger, std::int64_t schedule) {
  const auto view = show_schedule(ledger.rows, schedule);
  if (!view) return detail::no_schedule(schedule);
  auto made = make_what(ledger, view->what, detail::schedule_specs(ledger.rows, schedule));
  if (!made) return made;
  WallTime instant = ledger.rows.now();
  while (ledger.rows.one("SELECT 1 FROM schedule_run WHERE schedule = ? AND instant = ?", schedule, instant)) instant += milliseconds(1);
  write_run(ledger, schedule, instant, "made", *made, "by hand");
  return made;
}

void settle_schedules(Ledger& ledger, Zones& zones) {
  const WallTime now = ledger.rows.now();
  for (const store::Row& row : ledger.rows.query("SELECT id, cron, zone FROM schedule WHERE next_at > ?", now)) {
    const auto cron = parse_cron(row.text(1));
    const auto zone = zones.find(row.text(2));
    if (!cron || !zone) continue;  // said when it is due
    const auto next = next_instant(*cron, **zone, now);
    ledger.rows.execute("UPDATE schedule SET next_at = ? WHERE id = ? AND next_at > ?", next, row.integer(0), next);
  }
}

std::optional<WallTime> fire_schedules(Ledger& ledger, Zones& zones, std::int64_t limit) {
  static const std::string due_now =
      fmt::format("SELECT {} FROM schedule WHERE next_at <= ? ORDER BY next_at LIMIT 100", detail::schedule_columns);
  const WallTime now = ledger.rows.now();
  for (const store::Row& row : ledger.rows.query(due_now, now)) {
    const ScheduleView schedule = detail::schedule_of(row);
    const auto cron = parse_cron(schedule.what.cron);
    const auto zone = zones.find(schedule.what.zone);
    if (!cron || !zone) {
      stop(ledger, schedule.number, schedule.what.name, cron ? zone.error() : cron.error());
      continue;
    }
    CatchUpRule rule;
    rule.how = schedule.what.catch_up;
    rule.most = schedule.what.catch_up_limit;
    const Firing plan = plan_firing(*cron, **zone, *schedule.next_at, now, rule);
    if (plan.missed > 0)
      write_run(ledger, schedule.number, *plan.first_missed, "missed", "",
                fmt::format("{}{} instants passed while nobody was there, from this one on", plan.missed >= 10'000 ? "more than " : "",
                            plan.missed));
    const Result<Specs> specs = plan.instants.empty() ? Specs() : detail::schedule_specs(ledger.rows, schedule.number);
    std::optional<WallTime> next = plan.next;
    for (const WallTime instant : plan.instants) {
      if (limit <= 0) {
        next = instant;  // the rest of them in the next transaction
        break;
      }
      limit -= fire(ledger, schedule, specs, instant);
    }
    ledger.rows.execute("UPDATE schedule SET next_at = ? WHERE id = ?", next, schedule.number);
    ledger.rows.execute("DELETE FROM schedule_run WHERE schedule = ? AND instant < ?", schedule.number, now - remembered);
    if (limit <= 0) break;
  }
  return ledger.rows.one("SELECT min(next_at) FROM schedule")->maybe_time(0);
}

}  // namespace flotte::fleet
