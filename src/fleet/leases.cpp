// The hand-out in two phases, and leases that end without a result.
#include "fleet/leases.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "fleet/batches.hpp"
#include "fleet/dependencies.hpp"
#include "fleet/detail/rows.hpp"
#include "fleet/scheduler.hpp"
#include "fleet/seats.hpp"
#include "fleet/task_budgets.hpp"
#include "fleet/tasks.hpp"

namespace flotte::fleet {
namespace {

constexpr std::string_view lease_columns =
    "task, fence, node, epoch, batch, worker, attempt, accepted, cancel, started_at, cost_pico_usd, unpriced";

Lease lease_of(const store::Row& row) {
  Lease lease;
  lease.task = row.integer(0);
  lease.fence = row.integer(1);
  lease.node = row.integer(2);
  lease.epoch = row.integer(3);
  lease.batch = row.maybe_integer(4).value_or(0);
  lease.worker = row.text(5);
  lease.attempt = static_cast<int>(row.integer(6));
  lease.accepted = row.flag(7);
  lease.cancel = static_cast<int>(row.integer(8));
  lease.started_at = row.maybe_time(9).value_or(WallTime{});
  lease.cost_pico_usd = row.integer(10);
  lease.unpriced_calls = row.integer(11);
  return lease;
}

/// The first `count` tasks of a flow in its order: the head of every priority class, merged by age.
std::vector<Waiting> heads_of(Ledger& ledger, std::int64_t flow, std::size_t count) {
  std::vector<Waiting> heads;
  for (std::int64_t above = -1;;) {
    const store::Rows rows = ledger.rows.query(
        "SELECT priority, task, since FROM ready WHERE flow = ? AND priority > ? ORDER BY priority, task LIMIT ?", flow, above, count);
    if (rows.empty()) break;
    const std::int64_t priority = rows.front().integer(0);
    std::size_t same = 0;
    for (; same < rows.size() && rows[same].integer(0) == priority; ++same)
      heads.push_back({rows[same].integer(1), static_cast<int>(priority), rows[same].time(2)});
    if (same == rows.size() && rows.size() < count) break;  // there is no other class
    above = priority;
  }
  if (heads.size() > 1) heads = order_by_age(std::move(heads), ledger.policy.aging);
  if (heads.size() > count) heads.resize(count);
  return heads;
}

/// A specification that this version cannot read ends its task; it must not stop the queue.
void bury(Ledger& ledger, std::int64_t task, const Error& error) {
  Ending ending;
  ending.state = wire::TaskState::failed;
  ending.error = error;
  end_task(ledger, task, ending);
}

/// What it may cost is spent: there is no next attempt.
void end_unpaid(Ledger& ledger, std::int64_t task) {
  const auto row = ledger.rows.one("SELECT attempt, node, worker, target FROM task WHERE id = ?", task);
  const auto last = ledger.rows.one("SELECT max(fence) FROM attempt WHERE task = ?", task);
  Ending ending;
  ending.attempt = static_cast<int>(row->integer(0));
  ending.node = row->text(1);
  ending.worker = row->text(2);
  ending.target = row->text(3);
  set_budget_end(ledger, task, last->maybe_integer(0).value_or(0), {}, ending);
  end_task(ledger, task, ending);
}

/// As its node gets it: what the hub has seen to is left out, and what it depended on is filled in.
Result<wire::TaskSpec> spec_to_offer(Ledger& ledger, const std::string& stored) {
  const auto body = json::parse_object(stored);
  auto spec = body ? wire::TaskSpec::from_json(*body) : Result<wire::TaskSpec>(Failure(body.error()));
  if (!spec) return pass(spec, "its specification cannot be read");
  if (auto filled = fill_in_dependencies(ledger, *spec); !filled) return pass(filled);
  spec->depends_on.clear();
  spec->if_dependency_fails = wire::IfDependencyFails::cancel;
  spec->budget_pico_usd.reset();
  spec->concurrency.reset();
  spec->unique.clear();
  return spec;
}

/// The lease that this node holds under this epoch for that run.
std::optional<Lease> held_lease(Ledger& ledger, const Session& session, const wire::RunId& run) {
  auto lease = find_lease(ledger.rows, detail::task_number(run));
  if (!lease || lease->fence != run.fence || lease->node != session.node || lease->epoch != session.epoch) return std::nullopt;
  return lease;
}

/// Said once in the task's log, however often it happens.
void note_state(Ledger& ledger, std::int64_t task, std::int64_t fence, const std::string& message) {
  const json::object body{{"state", "queued"}, {"message", message}};
  const auto last = ledger.rows.one("SELECT body FROM event WHERE task = ? ORDER BY number DESC LIMIT 1", task);
  if (!last || last->text(0) != json::dump(body)) add_event(ledger, task, fence, "state", body);
}

Declined decline(Ledger& ledger, const Lease& lease, std::string_view what) {
  const std::string said = fmt::format("{}@{} {}", lease.worker, detail::node_name(ledger.rows, lease.node), what);
  note_state(ledger, lease.task, lease.fence, said);
  release(ledger, lease, GivenUp::handed_back, said);
  return {lease.node, lease.worker};
}

}  // namespace

std::optional<Lease> find_lease(store::Transaction& rows, std::int64_t task) {
  static const std::string sql = fmt::format("SELECT {} FROM lease WHERE task = ?", lease_columns);
  const auto row = rows.one(sql, task);
  return row ? std::optional(lease_of(*row)) : std::nullopt;
}

Granted grant(Ledger& ledger, std::int64_t flow, const Session& session, std::string_view worker, std::size_t count, std::int64_t limited) {
  Granted out;
  std::vector<std::int64_t> seats;
  if (limited > 0) {
    seats = free_seats(ledger.rows, limited, count);
    if (seats.empty()) return {.grants = {}, .more = true, .no_seat = true};
    count = seats.size();
  }
  const std::vector<Waiting> heads = heads_of(ledger, flow, count);
  out.more = heads.size() >= count;
  if (heads.empty()) return out;
  std::int64_t fence =
      detail::next_number(ledger.rows, "fence", static_cast<std::int64_t>(heads.size())) - static_cast<std::int64_t>(heads.size());
  for (const Waiting& head : heads) {
    ++fence;
    ledger.rows.execute("DELETE FROM ready WHERE flow = ? AND priority = ? AND task = ?", flow, head.priority, head.task);
    const auto row = ledger.rows.one(
        "SELECT t.attempt, t.batch, t.owner, i.spec, t.budget_pico_usd, b.max_cost_pico_usd, t.cost_pico_usd, b.cost_pico_usd "
        "FROM task t JOIN task_input i ON i.task = t.id LEFT JOIN batch b ON b.id = t.batch WHERE t.id = ?",
        head.task);
    const MoneyLeft money{row->maybe_integer(4), row->maybe_integer(5), row->integer(6), row->maybe_integer(7).value_or(0)};
    if (money.budget && money.spent >= *money.budget) {
      end_unpaid(ledger, head.task);
      ++out.ended;
      continue;
    }
    auto spec = spec_to_offer(ledger, row->text(3));
    if (!spec) {
      bury(ledger, head.task, spec.error());
      ++out.ended;
      continue;
    }
    Grant g{head.task,
            fence,
            static_cast<int>(row->integer(0)) + 1,
            row->maybe_integer(1).value_or(0),
            row->text(2),
            std::move(*spec),
            head.priority,
            head.since,
            money};
    const auto seat = limited > 0 ? std::optional(seats[out.grants.size()]) : std::nullopt;
    ledger.rows.execute(
        "INSERT INTO lease (task, fence, node, epoch, worker, batch, attempt, offered_at, limited, seat) VALUES (?, ?, ?, ?, ?, ?, ?, ?, "
        "?, ?)",
        g.task, g.fence, session.node, session.epoch, worker, row->maybe_integer(1), g.attempt, ledger.rows.now(), detail::or_null(limited),
        seat);
    if (g.batch > 0) ledger.changes.batches.insert(g.batch);
    ledger.changes.tasks.insert(g.task);
    out.grants.push_back(std::move(g));
  }
  return out;
}

void mark_accepted(Ledger& ledger, const Lease& lease, std::int64_t epoch) {
  ledger.rows.execute("UPDATE lease SET accepted = 1, epoch = ?, started_at = coalesce(started_at, ?) WHERE task = ?", epoch,
                      ledger.rows.now(), lease.task);
  ledger.changes.tasks.insert(lease.task);
  if (lease.batch > 0) ledger.changes.batches.insert(lease.batch);
}

Acceptance accept(Ledger& ledger, const Session& session, const wire::RunId& run) {
  const auto lease = held_lease(ledger, session, run);
  if (!lease) return Acceptance::stale;
  if (!lease->accepted) mark_accepted(ledger, *lease, session.epoch);
  return lease->cancel != 0 ? Acceptance::cancelled : Acceptance::accepted;
}

void drop_lease(Ledger& ledger, const Lease& lease) {
  ledger.rows.execute("DELETE FROM lease WHERE task = ?", lease.task);
  ledger.changes.freed.push_back({lease.task, lease.fence, lease.node, lease.worker});
  if (lease.batch > 0) ledger.changes.batches.insert(lease.batch);
}

std::optional<Declined> refuse(Ledger& ledger, const Session& session, const wire::RunId& run, std::string_view message) {
  const auto lease = held_lease(ledger, session, run);
  if (!lease) return std::nullopt;
  return decline(ledger, *lease, fmt::format("refused it: {}", message));
}

std::vector<Declined> take_back_overdue(Ledger& ledger) {
  static const std::string sql = fmt::format("SELECT {} FROM lease WHERE accepted = 0 AND offered_at <= ? LIMIT 500", lease_columns);
  std::vector<Declined> out;
  for (const store::Row& row : ledger.rows.query(sql, ledger.rows.now() - ledger.policy.offer_timeout)) {
    const Lease lease = lease_of(row);
    out.push_back(decline(ledger, lease, fmt::format("did not answer the offer within {} s", ledger.policy.offer_timeout.count() / 1000)));
    ledger.changes.drops.push_back({lease.node, detail::run_of(lease.task, lease.fence)});
  }
  return out;
}

void withdraw(Ledger& ledger, const Session& session, const wire::RunId& run) {
  const auto lease = held_lease(ledger, session, run);
  if (lease && !lease->accepted) release(ledger, *lease, GivenUp::handed_back, "");
}

void release(Ledger& ledger, const Lease& lease, GivenUp how, std::string_view message) {
  drop_lease(ledger, lease);
  const auto row = ledger.rows.one("SELECT max_attempts FROM task WHERE id = ?", lease.task);
  Ending ending;
  ending.attempt = lease.accepted ? lease.attempt : lease.attempt - 1;
  ending.node = lease.accepted ? detail::node_name(ledger.rows, lease.node) : std::string();
  ending.worker = lease.accepted ? lease.worker : std::string();
  if (lease.accepted) {
    ending.started_at = lease.started_at;
    wire::Usage paid;
    paid.cost_pico_usd = lease.cost_pico_usd;
    paid.unpriced_calls = lease.unpriced_calls;
    detail::write_attempt(
        ledger, {lease.task, lease.fence, lease.attempt, ending.node, lease.worker, "lost", std::string(message), lease.started_at, paid});
    ledger.rows.execute("UPDATE task SET attempt = ?, node = ?, worker = ?, started_at = ? WHERE id = ?", lease.attempt, ending.node,
                        lease.worker, lease.started_at, lease.task);
  }
  if (lease.cancel == cancel_by_budget) {
    set_budget_end(ledger, lease.task, lease.fence, {}, ending);
    end_task(ledger, lease.task, ending);
  } else if (lease.cancel == 1) {
    ending.state = wire::TaskState::cancelled;
    end_task(ledger, lease.task, ending);
  } else if (lease.cancel == 2) {
    ending.state = wire::TaskState::failed;
    ending.error = Error(Code::deadline, "its deadline passed before it was done");
    end_task(ledger, lease.task, ending);
  } else if (!lease.accepted || how == GivenUp::handed_back) {
    make_ready(ledger, lease.task);
  } else if (lease.attempt >= row->integer(0)) {
    ending.state = wire::TaskState::failed;
    ending.error = Error(Code::unavailable, fmt::format("attempt {} of {}: {}", lease.attempt, row->integer(0), message));
    ending.attempts_exhausted = true;
    end_task(ledger, lease.task, ending);
  } else {
    back_off(ledger, lease);
  }
}

std::int64_t release_all(Ledger& ledger, std::int64_t node, GivenUp how, std::string_view message) {
  static const std::string sql = fmt::format("SELECT {} FROM lease WHERE node = ?", lease_columns);
  const store::Rows rows = ledger.rows.query(sql, node);
  for (const store::Row& row : rows) release(ledger, lease_of(row), how, message);
  return static_cast<std::int64_t>(rows.size());
}

void back_off(Ledger& ledger, const Lease& lease) {
  const double most = std::min(300.0, std::pow(2.0, std::min(lease.attempt, 20)));
  const double wait_s = ledger.random.unit() * most * ledger.policy.backoff;
  defer(ledger, lease.task, ledger.rows.now() + milliseconds(static_cast<std::int64_t>(wait_s * 1000)), wire::Reason::backoff);
}

}  // namespace flotte::fleet
