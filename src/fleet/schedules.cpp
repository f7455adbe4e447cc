// Schedules in rows.
#include "fleet/schedules.hpp"

#include <fmt/format.h>

#include "base/log.hpp"
#include "base/money.hpp"
#include "fleet/batches.hpp"
#include "fleet/detail/rows.hpp"
#include "fleet/tasks.hpp"

namespace flotte::fleet {
namespace {

/// How long it is known which instants have fired. A clock that is set back by more may repeat one.
constexpr auto remembered = std::chrono::days(40);
constexpr std::string_view columns =
    "id, name, owner, cron, zone, catch_up, catch_up_limit, overlap, paused, batch, specs, max_cost_pico_usd, problem, created_at, next_at";

Failure no_schedule(std::int64_t schedule) {
  return fail(Code::not_found, fmt::format("no schedule {}", wire::format_id('s', schedule)), "see `flotte schedule ls`");
}

std::string specs_text(const std::vector<wire::TaskSpec>& specs) {
  json::array list;
  for (const wire::TaskSpec& spec : specs) list.emplace_back(spec.to_json());
  return json::dump(std::move(list));
}

/// Those of this version; what it cannot read is said when it is due.
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

ScheduleView view_of(const store::Row& row) {
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
  if (auto specs = specs_of(row.text(10))) v.what.specs = std::move(*specs);
  v.what.max_cost_pico_usd = row.maybe_integer(11);
  v.problem = row.text(12);
  v.created_at = row.time(13);
  v.next_at = row.maybe_time(14);
  return v;
}

ScheduleRun run_of(const store::Row& row) { return {row.time(0), row.time(1), row.text(2), row.text(3), row.text(4)}; }

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

Result<std::string> make_task(Ledger& ledger, const ScheduleView& schedule) {
  Submission submission;
  submission.owner = schedule.what.owner;
  submission.spec = schedule.what.specs.front();
  if (submission.spec.title.empty()) submission.spec.title = schedule.what.name;
  const auto made = submit(ledger, submission);
  if (!made) return Failure(made.error());
  return wire::format_id('t', made->task);
}

Result<std::string> make_whole_batch(Ledger& ledger, const ScheduleView& schedule) {
  NewBatch batch;
  batch.owner = schedule.what.owner;
  batch.title = schedule.what.name;
  batch.max_cost_pico_usd = schedule.what.max_cost_pico_usd;
  const auto made = make_batch(ledger, batch);
  if (!made) return Failure(made.error());
  std::vector<BatchItem> items;
  for (const wire::TaskSpec& spec : schedule.what.specs) items.push_back({static_cast<std::int64_t>(items.size()), spec.title, spec, true});
  if (const auto added = submit_many(ledger, *made, items); !added) {
    (void)cancel_batch(ledger, *made, wire::Reason::none);  // what went in before is not wanted alone
    return Failure(added.error());
  }
  if (auto sealed = seal_batch(ledger, *made); !sealed) return pass(sealed);
  return wire::format_id('b', *made);
}

Result<std::string> make_what(Ledger& ledger, std::int64_t schedule, const ScheduleView& view) {
  const auto row = ledger.rows.one("SELECT specs FROM schedule WHERE id = ?", schedule);
  auto readable = specs_of(row->text(0));
  if (!readable) return pass(readable);
  return view.what.batch ? make_whole_batch(ledger, view) : make_task(ledger, view);
}

/// One instant, once. True where something was made.
bool fire(Ledger& ledger, const ScheduleView& schedule, WallTime instant) {
  const std::int64_t id = schedule.number;
  if (ledger.rows.one("SELECT 1 FROM schedule_run WHERE schedule = ? AND instant = ? AND outcome <> 'missed'", id, instant)) return false;
  if (schedule.what.overlap == Overlap::skip) {
    if (const std::string busy = still_runs(ledger, id); !busy.empty()) {
      write_run(ledger, id, instant, "skipped", "", fmt::format("{} had not ended", busy));
      return false;
    }
  }
  const auto made = make_what(ledger, id, schedule);
  write_run(ledger, id, instant, made ? "made" : "failed", made ? *made : "", made ? "" : made.error().text());
  if (!made) log::warning("a schedule could not make its task", {{"schedule", schedule.what.name}, {"error", made.error().text()}});
  return made.has_value();
}

/// A schedule that cannot be told by the clock any more: it stops, and says why.
void stop(Ledger& ledger, std::int64_t schedule, const std::string& name, const Error& error) {
  ledger.rows.execute("UPDATE schedule SET problem = ?, next_at = NULL WHERE id = ?", error.text(), schedule);
  log::error("a schedule has stopped", {{"schedule", name}, {"error", error.text()}});
}

/// What speaks against a task that is made again and again.
Result<void> check_repeatable(const wire::TaskSpec& spec) {
  const auto wrong = [](const char* field) {
    return fail(Code::invalid_argument, fmt::format("\"{}\": a task that is made again and again cannot have one", field),
                "leave it out; the schedule says when");
  };
  if (spec.not_before) return wrong("not_before");
  if (spec.deadline) return wrong("deadline");
  return {};
}

}  // namespace

Result<const TimeZone*> Zones::find(const std::string& name) {
  if (const auto known = known_.find(name); known != known_.end()) return &known->second;
  auto zone = TimeZone::load(name, directory_);
  if (!zone) return pass(zone);
  return &known_.emplace(name, std::move(*zone)).first->second;
}

Result<std::int64_t> add_schedule(Ledger& ledger, const NewSchedule& schedule) {
  const auto cron = parse_cron(schedule.cron);
  if (!cron) return Failure(cron.error());
  const auto zone = TimeZone::load(schedule.zone);
  if (!zone) return Failure(zone.error());
  if (schedule.name.empty() || schedule.name.size() > 200 || find_schedule(ledger.rows, schedule.name))
    return schedule.name.empty() || schedule.name.size() > 200
               ? fail(Code::invalid_argument, "\"name\" must have 1 to 200 bytes")
               : fail(Code::conflict, fmt::format("there is a schedule \"{}\" already", schedule.name),
                      "take another name, or remove that one");
  for (const wire::TaskSpec& spec : schedule.specs)
    if (auto good = check_repeatable(spec); !good) return pass(good);
  const WallTime now = ledger.rows.now();
  const auto next = schedule.paused ? std::nullopt : next_instant(*cron, *zone, now);
  ledger.rows.execute(
      "INSERT INTO schedule (name, owner, cron, zone, catch_up, catch_up_limit, overlap, paused, batch, specs, max_cost_pico_usd, "
      "created_at, next_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      schedule.name, schedule.owner, schedule.cron, schedule.zone, static_cast<int>(schedule.catch_up), schedule.catch_up_limit,
      static_cast<int>(schedule.overlap), schedule.paused, schedule.batch, specs_text(schedule.specs), schedule.max_cost_pico_usd, now,
      next);
  const std::int64_t id = ledger.rows.last_id();
  if (next && (!ledger.changes.due || *next < *ledger.changes.due)) ledger.changes.due = next;
  return id;
}

std::optional<std::int64_t> find_schedule(store::Transaction& rows, std::string_view id_or_name) {
  // A name first: one may be called "s3".
  if (const auto row = rows.one("SELECT id FROM schedule WHERE name = ?", id_or_name)) return row->integer(0);
  const auto number = wire::parse_id('s', id_or_name);
  if (number && rows.one("SELECT 1 FROM schedule WHERE id = ?", *number)) return number;
  return std::nullopt;
}

namespace {
ScheduleView with_last(store::Transaction& rows, const store::Row& row) {
  ScheduleView view = view_of(row);
  if (auto runs = list_schedule_runs(rows, view.number, 1); !runs.empty()) view.last = std::move(runs.front());
  return view;
}
}  // namespace

std::optional<ScheduleView> show_schedule(store::Transaction& rows, std::int64_t schedule) {
  static const std::string sql = fmt::format("SELECT {} FROM schedule WHERE id = ?", columns);
  const auto row = rows.one(sql, schedule);
  return row ? std::optional(with_last(rows, *row)) : std::nullopt;
}

std::vector<ScheduleView> list_schedules(store::Transaction& rows) {
  static const std::string sql = fmt::format("SELECT {} FROM schedule ORDER BY name LIMIT 10000", columns);
  std::vector<ScheduleView> out;
  for (const store::Row& row : rows.query(sql)) out.push_back(with_last(rows, row));
  return out;
}

std::vector<ScheduleRun> list_schedule_runs(store::Transaction& rows, std::int64_t schedule, std::size_t limit) {
  std::vector<ScheduleRun> out;
  for (const store::Row& row :
       rows.query("SELECT instant, at, outcome, made, message FROM schedule_run WHERE schedule = ? ORDER BY instant DESC LIMIT ?", schedule,
                  limit))
    out.push_back(run_of(row));
  return out;
}

Result<void> pause_schedule(Ledger& ledger, std::int64_t schedule) {
  if (ledger.rows.execute("UPDATE schedule SET paused = 1, next_at = NULL WHERE id = ?", schedule) == 0) return no_schedule(schedule);
  return {};
}

Result<void> resume_schedule(Ledger& ledger, std::int64_t schedule) {
  const auto row = ledger.rows.one("SELECT cron, zone FROM schedule WHERE id = ?", schedule);
  if (!row) return no_schedule(schedule);
  const auto cron = parse_cron(row->text(0));
  if (!cron) return Failure(cron.error());
  const auto zone = TimeZone::load(row->text(1));
  if (!zone) return Failure(zone.error());
  const auto next = next_instant(*cron, *zone, ledger.rows.now());
  ledger.rows.execute("UPDATE schedule SET paused = 0, problem = '', next_at = ? WHERE id = ?", next, schedule);
  if (next && (!ledger.changes.due || *next < *ledger.changes.due)) ledger.changes.due = next;
  return {};
}

Result<std::string> run_schedule(Ledger& ledger, std::int64_t schedule) {
  const auto view = show_schedule(ledger.rows, schedule);
  if (!view) return no_schedule(schedule);
  auto made = make_what(ledger, schedule, *view);
  if (!made) return made;
  WallTime instant = ledger.rows.now();
  while (ledger.rows.one("SELECT 1 FROM schedule_run WHERE schedule = ? AND instant = ?", schedule, instant)) instant += milliseconds(1);
  write_run(ledger, schedule, instant, "made", *made, "by hand");
  return made;
}

Result<void> remove_schedule(Ledger& ledger, std::int64_t schedule) {
  if (ledger.rows.execute("DELETE FROM schedule WHERE id = ?", schedule) == 0) return no_schedule(schedule);
  ledger.rows.execute("DELETE FROM schedule_run WHERE schedule = ?", schedule);
  return {};
}

void stop_schedules_of(store::Transaction& rows, std::string_view owner) {
  rows.execute("UPDATE schedule SET problem = ?, next_at = NULL WHERE owner = ?", fmt::format("the key {} was removed", owner), owner);
}

// ---- the clock -------------------------------------------------------------------------------------------------------

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
  static const std::string due_now = fmt::format("SELECT {} FROM schedule WHERE next_at <= ? ORDER BY next_at LIMIT 100", columns);
  const WallTime now = ledger.rows.now();
  for (const store::Row& row : ledger.rows.query(due_now, now)) {
    const ScheduleView schedule = view_of(row);
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
    for (const WallTime instant : plan.instants) limit -= fire(ledger, schedule, instant);
    ledger.rows.execute("UPDATE schedule SET next_at = ? WHERE id = ?", plan.next, schedule.number);
    ledger.rows.execute("DELETE FROM schedule_run WHERE schedule = ? AND instant < ?", schedule.number, now - remembered);
    if (limit <= 0) break;  // the rest in the next transaction
  }
  return ledger.rows.one("SELECT min(next_at) FROM schedule")->maybe_time(0);
}

// ---- as JSON ---------------------------------------------------------------------------------------------------------

json::object ScheduleRun::to_json() const {
  return {{"instant", to_rfc3339(instant)},
          {"at", to_rfc3339(at)},
          {"outcome", outcome},
          {"made", made.empty() ? json::value(nullptr) : json::value(made)},
          {"message", message.empty() ? json::value(nullptr) : json::value(message)}};
}

json::object ScheduleView::to_json() const {
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
