// The tables of this module.
#include "fleet/migrations.hpp"

#include "store/migration.hpp"

namespace flotte::fleet {
namespace {
// `task` is the durable record: written at submit and when an attempt ends. `ready`, `deferred` and `lease` are narrow and only inserted
// into and deleted from; an active task (state 0) stands in exactly one of them. Times are milliseconds since 1970 by the database's clock.
constexpr store::Migration list[] = {
    {101, "tasks", R"sql(
CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO counter (name, value) VALUES ('fence', 0), ('epoch', 0);

CREATE TABLE node (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, epoch INTEGER NOT NULL, state TEXT NOT NULL, draining INTEGER NOT NULL DEFAULT 0,
  lease_until INTEGER NOT NULL, applied INTEGER NOT NULL DEFAULT 0, instance INTEGER NOT NULL, home INTEGER NOT NULL,
  host TEXT NOT NULL, engines TEXT NOT NULL, workers TEXT NOT NULL, seen_at INTEGER NOT NULL, created_at INTEGER NOT NULL) STRICT;

CREATE TABLE flow (
  id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, kind INTEGER NOT NULL, model TEXT NOT NULL, node TEXT NOT NULL,
  worker TEXT NOT NULL, labels TEXT NOT NULL, exclusive INTEGER NOT NULL, batch INTEGER, weight REAL NOT NULL DEFAULT 1,
  paused INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE INDEX flow_batch ON flow (batch) WHERE batch IS NOT NULL;

CREATE TABLE task (
  id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, title TEXT NOT NULL, owner TEXT NOT NULL, project TEXT NOT NULL,
  flow INTEGER NOT NULL, batch INTEGER, item INTEGER, priority INTEGER NOT NULL, labels TEXT NOT NULL, model TEXT NOT NULL,
  max_attempts INTEGER NOT NULL, deadline INTEGER, retry_of INTEGER, created_at INTEGER NOT NULL,
  state INTEGER NOT NULL DEFAULT 0, reason INTEGER NOT NULL DEFAULT 0, attempt INTEGER NOT NULL DEFAULT 0,
  node TEXT NOT NULL DEFAULT '', worker TEXT NOT NULL DEFAULT '', target TEXT NOT NULL DEFAULT '',
  started_at INTEGER, ended_at INTEGER,
  input_tokens INTEGER NOT NULL DEFAULT 0, cached_tokens INTEGER NOT NULL DEFAULT 0, output_tokens INTEGER NOT NULL DEFAULT 0,
  cost_micro_usd INTEGER NOT NULL DEFAULT 0,
  error_code TEXT, error_message TEXT, error_hint TEXT, exhausted INTEGER NOT NULL DEFAULT 0, result TEXT) STRICT;
CREATE INDEX task_failed ON task (id) WHERE state = 5;
CREATE INDEX task_cancelled ON task (id) WHERE state = 6;
CREATE INDEX task_deadline ON task (deadline) WHERE deadline IS NOT NULL AND state = 0;
CREATE TABLE task_input (task INTEGER PRIMARY KEY, spec TEXT NOT NULL) STRICT;

CREATE TABLE ready (
  flow INTEGER NOT NULL, priority INTEGER NOT NULL, task INTEGER NOT NULL, since INTEGER NOT NULL,
  PRIMARY KEY (flow, priority, task)) STRICT, WITHOUT ROWID;
CREATE TABLE deferred (
  task INTEGER PRIMARY KEY, run_at INTEGER NOT NULL, reason INTEGER NOT NULL, batch INTEGER) STRICT;
CREATE INDEX deferred_due ON deferred (run_at);
CREATE INDEX deferred_batch ON deferred (batch) WHERE batch IS NOT NULL;
CREATE TABLE lease (
  task INTEGER PRIMARY KEY, fence INTEGER NOT NULL, node INTEGER NOT NULL, epoch INTEGER NOT NULL, worker TEXT NOT NULL,
  batch INTEGER, attempt INTEGER NOT NULL, accepted INTEGER NOT NULL DEFAULT 0, cancel INTEGER NOT NULL DEFAULT 0,
  offered_at INTEGER NOT NULL, started_at INTEGER) STRICT;
CREATE INDEX lease_node ON lease (node);

CREATE TABLE attempt (
  task INTEGER NOT NULL, fence INTEGER NOT NULL, attempt INTEGER NOT NULL, node TEXT NOT NULL, worker TEXT NOT NULL,
  started_at INTEGER, ended_at INTEGER NOT NULL, outcome TEXT NOT NULL, message TEXT NOT NULL,
  input_tokens INTEGER NOT NULL DEFAULT 0, cached_tokens INTEGER NOT NULL DEFAULT 0, output_tokens INTEGER NOT NULL DEFAULT 0,
  cost_micro_usd INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (task, fence)) STRICT, WITHOUT ROWID;
CREATE TABLE event (
  task INTEGER NOT NULL, number INTEGER NOT NULL, at INTEGER NOT NULL, fence INTEGER NOT NULL, kind TEXT NOT NULL,
  body TEXT NOT NULL, PRIMARY KEY (task, number)) STRICT, WITHOUT ROWID;

CREATE TABLE idem (
  owner TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, body_hash TEXT NOT NULL, id INTEGER NOT NULL,
  expires_at INTEGER NOT NULL, PRIMARY KEY (owner, kind, key)) STRICT, WITHOUT ROWID;
CREATE INDEX idem_expires ON idem (expires_at);
)sql"},
    {102, "batches", R"sql(
CREATE TABLE batch (
  id INTEGER PRIMARY KEY, owner TEXT NOT NULL, title TEXT NOT NULL, created_at INTEGER NOT NULL, ended_at INTEGER,
  sealed INTEGER NOT NULL DEFAULT 0, paused INTEGER NOT NULL DEFAULT 0, cancelled INTEGER NOT NULL DEFAULT 0,
  cancel_reason INTEGER NOT NULL DEFAULT 0,
  total INTEGER NOT NULL DEFAULT 0, succeeded INTEGER NOT NULL DEFAULT 0, failed INTEGER NOT NULL DEFAULT 0,
  ended_cancelled INTEGER NOT NULL DEFAULT 0,
  input_tokens INTEGER NOT NULL DEFAULT 0, cached_tokens INTEGER NOT NULL DEFAULT 0, output_tokens INTEGER NOT NULL DEFAULT 0,
  cost_micro_usd INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE INDEX batch_cancelling ON batch (id) WHERE cancelled = 1 AND ended_at IS NULL;
CREATE TABLE batch_item (
  batch INTEGER NOT NULL, item INTEGER NOT NULL, task INTEGER NOT NULL, name TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (batch, item)) STRICT, WITHOUT ROWID;
-- The order in which items ended, for whoever follows a batch.
CREATE TABLE batch_end (number INTEGER PRIMARY KEY, batch INTEGER NOT NULL, item INTEGER NOT NULL, task INTEGER NOT NULL) STRICT;
CREATE INDEX batch_end_order ON batch_end (batch, number);
)sql"},
    {110, "labels that the hub gives", R"sql(
ALTER TABLE node ADD COLUMN labels TEXT NOT NULL DEFAULT '[]';
)sql"},
    // What tasks cost is known to the trillionth of a dollar. `unpriced` counts calls whose cost nobody knows.
    {120, "costs", R"sql(
ALTER TABLE task RENAME COLUMN cost_micro_usd TO cost_pico_usd;
UPDATE task SET cost_pico_usd = cost_pico_usd * 1000000 WHERE cost_pico_usd <> 0;
ALTER TABLE task ADD COLUMN unpriced INTEGER NOT NULL DEFAULT 0;
ALTER TABLE attempt RENAME COLUMN cost_micro_usd TO cost_pico_usd;
UPDATE attempt SET cost_pico_usd = cost_pico_usd * 1000000 WHERE cost_pico_usd <> 0;
ALTER TABLE attempt ADD COLUMN unpriced INTEGER NOT NULL DEFAULT 0;
ALTER TABLE batch RENAME COLUMN cost_micro_usd TO cost_pico_usd;
UPDATE batch SET cost_pico_usd = cost_pico_usd * 1000000 WHERE cost_pico_usd <> 0;
ALTER TABLE batch ADD COLUMN unpriced INTEGER NOT NULL DEFAULT 0;
ALTER TABLE batch ADD COLUMN max_cost_pico_usd INTEGER;
ALTER TABLE lease ADD COLUMN cost_pico_usd INTEGER NOT NULL DEFAULT 0;
ALTER TABLE lease ADD COLUMN unpriced INTEGER NOT NULL DEFAULT 0;
)sql"},
    // A flow whose model nobody may ask until then; 0: it may be asked.
    {130, "flows out of quota", R"sql(
ALTER TABLE flow ADD COLUMN out_until INTEGER NOT NULL DEFAULT 0;
)sql"},
    // Fair shares need to know whose a flow is. `limited`: the concurrency key of a flow and of its leases; each of these holds a seat, and
    // no seat is held twice. `paused` becomes a sum: 1 its batch, 2 the flow itself, 4 its project. `out_why`: see capacity.hpp.
    {140, "shares, seats, unique tasks, pauses", R"sql(
ALTER TABLE flow ADD COLUMN owner TEXT NOT NULL DEFAULT '';
ALTER TABLE flow ADD COLUMN project TEXT NOT NULL DEFAULT '';
UPDATE flow SET owner = t.owner, project = t.project
  FROM (SELECT flow, owner, project, min(id) FROM task GROUP BY flow) AS t WHERE t.flow = flow.id;
CREATE INDEX flow_project ON flow (project) WHERE project <> '';
ALTER TABLE flow ADD COLUMN limited INTEGER;
CREATE INDEX flow_limited ON flow (limited) WHERE limited IS NOT NULL;
ALTER TABLE flow ADD COLUMN out_why INTEGER NOT NULL DEFAULT 0;
ALTER TABLE flow ADD COLUMN out_reset INTEGER NOT NULL DEFAULT 0;
ALTER TABLE task ADD COLUMN later INTEGER NOT NULL DEFAULT 0;
CREATE TABLE concurrency_key (
  id INTEGER PRIMARY KEY, owner TEXT NOT NULL, key TEXT NOT NULL, most INTEGER NOT NULL, UNIQUE (owner, key)) STRICT;
ALTER TABLE lease ADD COLUMN limited INTEGER;
ALTER TABLE lease ADD COLUMN seat INTEGER CHECK (limited IS NULL OR (seat IS NOT NULL AND seat > 0));
CREATE UNIQUE INDEX lease_seat ON lease (limited, seat) WHERE limited IS NOT NULL;
CREATE TABLE unique_task (
  owner TEXT NOT NULL, name TEXT NOT NULL, task INTEGER NOT NULL, PRIMARY KEY (owner, name)) STRICT, WITHOUT ROWID;
CREATE TABLE pause (kind TEXT NOT NULL, name TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (kind, name)) STRICT, WITHOUT ROWID;
)sql"},
    // An edge for each task or batch that a task still waits for. Whatever ends and is waited for appends one row to `dependency_end`.
    {150, "dependencies", R"sql(
CREATE TABLE dependency (
  of_batch INTEGER NOT NULL, id INTEGER NOT NULL, task INTEGER NOT NULL, PRIMARY KEY (of_batch, id, task)) STRICT, WITHOUT ROWID;
CREATE INDEX dependency_task ON dependency (task);
CREATE TABLE dependency_end (number INTEGER PRIMARY KEY, of_batch INTEGER NOT NULL, id INTEGER NOT NULL) STRICT;
CREATE INDEX task_retry_of ON task (retry_of) WHERE retry_of IS NOT NULL;
ALTER TABLE task ADD COLUMN budget_pico_usd INTEGER;
)sql"},
    // `next_at`: NULL while paused or broken. An instant has one row in `schedule_run`, written with what it made.
    {151, "schedules", R"sql(
CREATE TABLE schedule (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, owner TEXT NOT NULL, cron TEXT NOT NULL, zone TEXT NOT NULL,
  catch_up INTEGER NOT NULL, catch_up_limit INTEGER NOT NULL, overlap INTEGER NOT NULL, paused INTEGER NOT NULL,
  batch INTEGER NOT NULL, specs TEXT NOT NULL, max_cost_pico_usd INTEGER, problem TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL, next_at INTEGER) STRICT;
CREATE INDEX schedule_due ON schedule (next_at) WHERE next_at IS NOT NULL;
CREATE TABLE schedule_run (
  schedule INTEGER NOT NULL, instant INTEGER NOT NULL, at INTEGER NOT NULL, outcome TEXT NOT NULL, made TEXT NOT NULL,
  message TEXT NOT NULL, PRIMARY KEY (schedule, instant)) STRICT, WITHOUT ROWID;
)sql"},
    // What a task's attempts have finished, for those that come after them. `blob`: where a long output is.
    {160, "steps", R"sql(
CREATE TABLE step (
  task INTEGER NOT NULL, name TEXT NOT NULL, number INTEGER NOT NULL, fence INTEGER NOT NULL, attempt INTEGER NOT NULL,
  at INTEGER NOT NULL, content_type TEXT NOT NULL, bytes INTEGER NOT NULL, blob TEXT, output TEXT NOT NULL,
  PRIMARY KEY (task, name)) STRICT;
CREATE INDEX step_order ON step (task, number);
)sql"},
    // Workers that the hub gives to a node, beside those of its own file.
    {170, "workers defined at the hub", R"sql(
CREATE TABLE worker_definition (
  node INTEGER NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, model TEXT NOT NULL, slots INTEGER NOT NULL, labels TEXT NOT NULL,
  exclusive INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (node, name)) STRICT, WITHOUT ROWID;
)sql"},
    // A node that sleeps keeps its leases until then.
    {180, "sleep", R"sql(
ALTER TABLE node ADD COLUMN suspended_until INTEGER NOT NULL DEFAULT 0;
)sql"},
    // What a schedule makes is long and seldom read: it stands apart. `tasks`: how many that are.
    {190, "what schedules make", R"sql(
CREATE TABLE schedule_input (schedule INTEGER PRIMARY KEY, specs TEXT NOT NULL) STRICT;
INSERT INTO schedule_input (schedule, specs) SELECT id, specs FROM schedule;
ALTER TABLE schedule ADD COLUMN tasks INTEGER NOT NULL DEFAULT 1;
UPDATE schedule SET tasks = json_array_length(specs) WHERE json_valid(specs);
ALTER TABLE schedule DROP COLUMN specs;
CREATE INDEX schedule_owner ON schedule (owner);
)sql"},
    // So that what few flows have is found without looking at all of them, and what nothing needs is forgotten.
    {191, "idle flows", R"sql(
CREATE INDEX flow_out ON flow (id) WHERE out_until > 0;
CREATE INDEX flow_held ON flow (id) WHERE paused & 2 <> 0;
CREATE INDEX task_open ON task (flow) WHERE state = 0;
)sql"},
};
}  // namespace

std::span<const store::Migration> migrations() { return list; }

}  // namespace flotte::fleet
