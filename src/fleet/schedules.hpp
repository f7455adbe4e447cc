// Schedules: tasks and batches made by the clock. Each instant of a cron expression fires once: its row is written in the transaction that
// makes the task, whatever the clock, the hub or the time zone does in between. Only the database's clock counts.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fleet/cron.hpp"
#include "fleet/ledger.hpp"
#include "wire/task.hpp"

namespace flotte::fleet {

/// Zones that have been read, by name; for the store's writer thread. Read once per process: a newer tzdata counts from the next start.
class Zones {
 public:
  explicit Zones(std::string directory = "/usr/share/zoneinfo") : directory_(std::move(directory)) {}
  Result<const TimeZone*> find(const std::string& name);

 private:
  std::string directory_;
  std::map<std::string, TimeZone> known_;
};

/// Bounds; docs/limits.md names them.
inline constexpr std::size_t schedule_bytes = 1024 * 1024;  // of what one makes, as JSON
inline constexpr std::int64_t schedules_of_an_owner = 1000;

enum class Overlap { run, skip };  // skip: nothing is made while what the last instant made has not ended

struct NewSchedule {
  std::string name, owner, cron, zone = "UTC";
  CatchUp catch_up = CatchUp::last;
  std::int64_t catch_up_limit = 100;
  Overlap overlap = Overlap::run;
  bool paused = false;
  std::vector<wire::TaskSpec> specs;  // one: a task, unless `batch`
  bool batch = false;
  std::optional<std::int64_t> max_cost_pico_usd;  // of each batch
};
/// Errors: invalid_argument (cron, zone, a time that can only be one), conflict (the name is taken), too_large, exhausted (see the bounds).
Result<std::int64_t> add_schedule(Ledger& ledger, const NewSchedule& schedule);
/// Everything but name, owner and whether it is paused; no `specs`: what it makes stays. It waits for its next instant from now on, also
/// where it was broken; what it has made stays. Errors: as add_schedule, not_found.
Result<void> change_schedule(Ledger& ledger, std::int64_t schedule, const NewSchedule& wanted);

struct ScheduleRun {
  WallTime instant, at;
  std::string outcome;  // made | skipped | missed | failed
  std::string made;     // id of the task or batch, or ""
  std::string message;
  json::object to_json() const;  // ScheduleRun of api/openapi.yaml
};
struct ScheduleView {
  std::int64_t number = 0;
  NewSchedule what;        // its `specs` are empty in lists, and where this version cannot read them
  std::int64_t tasks = 1;  // it makes at each instant
  std::string problem;     // why it does nothing, where something is wrong
  WallTime created_at{};
  std::optional<WallTime> next_at;
  std::optional<ScheduleRun> last;
  json::object summary() const;  // ScheduleSummary of api/openapi.yaml
  json::object to_json() const;  // Schedule: also what it makes
};
/// By id ("s3") or name; nothing where there is none.
std::optional<std::int64_t> find_schedule(store::Transaction& rows, std::string_view id_or_name);
std::optional<ScheduleView> show_schedule(store::Transaction& rows, std::int64_t schedule);
struct SchedulePage {
  std::vector<ScheduleView> items;
  std::optional<std::string> next;  // `after` of the page behind this one
};
/// By name, from behind the name `after` on.
SchedulePage list_schedules(store::Transaction& rows, std::string_view after = {}, std::size_t limit = 100);
/// The newest first.
std::vector<ScheduleRun> list_schedule_runs(store::Transaction& rows, std::int64_t schedule, std::size_t limit = 50);

/// Instants that pass meanwhile are not made up for. Error: not_found.
Result<void> pause_schedule(Ledger& ledger, std::int64_t schedule);
Result<void> resume_schedule(Ledger& ledger, std::int64_t schedule);
/// Once, now, whatever the clock says; the id of what was made. Errors: not_found, those of submitting.
Result<std::string> run_schedule(Ledger& ledger, std::int64_t schedule);
/// What it has made stays. Error: not_found.
Result<void> remove_schedule(Ledger& ledger, std::int64_t schedule);
/// Their owner's key was removed: they stop and say so, until somebody resumes them.
void stop_schedules_of(store::Transaction& rows, std::string_view owner);

/// After a start: a schedule that waits for longer than its next instant (the clock was set back meanwhile) waits for that one.
void settle_schedules(Ledger& ledger, Zones& zones);
/// Fires what is due until `limit` tasks are made; an instant's are never taken apart. When the next one is due, if any: at once, where
/// some were left.
std::optional<WallTime> fire_schedules(Ledger& ledger, Zones& zones, std::int64_t limit = 200);

}  // namespace flotte::fleet
