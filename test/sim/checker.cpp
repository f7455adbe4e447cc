// The invariants over rows.
#include "sim/checker.hpp"

#include <fmt/format.h>

#include "base/json.hpp"
#include "sim/node.hpp"
#include "wire/task.hpp"

namespace flotte::sim {
namespace {

constexpr auto succeeded = static_cast<std::int64_t>(wire::TaskState::succeeded);
constexpr auto failed = static_cast<std::int64_t>(wire::TaskState::failed);

/// An inline store answers before the call returns.
template <class F>
void look(store::Store& store, F body) {
  store.post_read<bool>(
      [&](store::Transaction& rows) -> Result<bool> {
        body(rows);
        return true;
      },
      [](Result<bool>) {});
}

int slots_of(const std::string& worker) {
  for (const wire::WorkerInfo& w : Node::workers())
    if (w.name == worker) return w.slots;
  return 0;
}

}  // namespace

void Checker::offered(const wire::RunId& run) {
  auto& newest = newest_[wire::parse_id('t', run.task).value_or(0)];
  newest = std::max(newest, run.fence);
}

std::vector<std::string> Checker::check(store::Store& store) {
  std::vector<std::string> wrong;
  look(store, [&](store::Transaction& rows) {
    check_places(rows, wrong);
    check_outcomes(rows, wrong);
    check_money(rows, wrong);
    check_grace(rows, wrong);
  });
  return wrong;
}

void Checker::check_places(store::Transaction& rows, std::vector<std::string>& wrong) {
  std::map<std::int64_t, int> places;
  for (const store::Row& row : rows.query("SELECT task FROM ready")) ++places[row.integer(0)];
  for (const store::Row& row : rows.query("SELECT task FROM deferred")) ++places[row.integer(0)];
  std::map<std::pair<std::int64_t, std::string>, int> taken;
  for (const store::Row& row : rows.query("SELECT task, fence, node, worker FROM lease")) {
    ++places[row.integer(0)];
    auto& newest = newest_[row.integer(0)];
    if (row.integer(1) < newest)
      wrong.push_back(fmt::format("I2: t{} is leased under fence {}, but {} was handed out", row.integer(0), row.integer(1), newest));
    newest = std::max(newest, row.integer(1));
    const int used = ++taken[{row.integer(2), row.text(3)}];
    if (used > slots_of(row.text(3))) wrong.push_back(fmt::format("I4: worker {} of n{} has {} leases", row.text(3), row.integer(2), used));
  }
  for (const store::Row& row : rows.query(
           "SELECT k.key, k.most, count(*) FROM lease l JOIN concurrency_key k ON k.id = l.limited GROUP BY k.id HAVING count(*) > k.most"))
    wrong.push_back(fmt::format("I4: {} tasks of key {} have a lease, {} may", row.integer(2), row.text(0), row.integer(1)));
  std::set<std::int64_t> known;
  for (const store::Row& row : rows.query("SELECT id, state FROM task")) {
    const std::int64_t task = row.integer(0);
    known.insert(task);
    const int expected = row.integer(1) == 0 ? 1 : 0;
    if (places[task] != expected)
      wrong.push_back(fmt::format("I1: t{} with state {} stands in {} places", task, row.integer(1), places[task]));
  }
  for (const std::int64_t task : promised_)
    if (!known.contains(task)) wrong.push_back(fmt::format("I1: acknowledged t{} is gone", task));
}

void Checker::check_outcomes(store::Transaction& rows, std::vector<std::string>& wrong) {
  for (const store::Row& row : rows.query("SELECT id, state, result, error_message FROM task WHERE state != 0")) {
    const std::int64_t task = row.integer(0);
    const End end{row.integer(1), row.text_or_empty(2) + row.text_or_empty(3)};
    const auto [known, fresh] = ends_.emplace(task, end);
    if (!fresh) {
      if (known->second.state != end.state || known->second.result != end.result)
        wrong.push_back(fmt::format("I6: the end of t{} changed from {} {} to {} {}", task, known->second.state, known->second.result,
                                    end.state, end.result));
      continue;
    }
    if (end.state != succeeded) continue;
    const auto result = json::parse_object(row.text_or_empty(2));
    const std::int64_t fence = result ? json::int_or(*result, "fence", 0) : 0;
    if (fence != newest_[task])
      wrong.push_back(fmt::format("I3: t{} has the result of fence {}, the newest is {}", task, fence, newest_[task]));
    const auto by = rows.one("SELECT node, outcome FROM attempt WHERE task = ? AND fence = ?", task, fence);
    if (!by || by->text(1) != "succeeded" || !result || by->text(0) != json::string_or(*result, "node", ""))
      wrong.push_back(fmt::format("I3: no successful attempt of t{} goes with its result", task));
    const auto count = rows.one("SELECT count(*) FROM attempt WHERE task = ? AND outcome = 'succeeded'", task)->integer(0);
    if (count != 1) wrong.push_back(fmt::format("I3: t{} has {} successful attempts", task, count));
  }
}

void Checker::check_money(store::Transaction& rows, std::vector<std::string>& wrong) {
  for (const store::Row& row : rows.query("SELECT id, cost_pico_usd FROM task WHERE cost_pico_usd > 0")) {
    if (row.integer(1) > sold_[row.integer(0)])
      wrong.push_back(fmt::format("I5: t{} has {} written down, {} was sold", row.integer(0), row.integer(1), sold_[row.integer(0)]));
  }
  for (const auto& [task, pico_usd] : paid_) {
    const auto row = rows.one("SELECT cost_pico_usd FROM task WHERE id = ?", task);
    if (row && row->integer(0) < pico_usd)
      wrong.push_back(fmt::format("I5: t{} has {} written down, {} was acknowledged", task, row->integer(0), pico_usd));
  }
}

void Checker::check_grace(store::Transaction& rows, std::vector<std::string>& wrong) {
  for (const store::Row& row :
       rows.query("SELECT task, node FROM attempt WHERE outcome = 'lost' AND ended_at >= ? AND ended_at < ? AND message LIKE "
                  "'%was not heard of%'",
                  grace_from_, grace_until_))
    wrong.push_back(fmt::format("grace: t{} was taken from {} within one lease of the hub's start", row.integer(0), row.text(1)));
}

std::vector<std::string> Checker::check_end(store::Store& store) {
  std::vector<std::string> wrong = check(store);
  look(store, [&](store::Transaction& rows) {
    for (const store::Row& row : rows.query("SELECT t.id, t.attempt, t.max_attempts, t.state, t.exhausted, count(a.fence) FROM task t "
                                            "LEFT JOIN attempt a ON a.task = t.id GROUP BY t.id")) {
      const std::int64_t task = row.integer(0), attempts = row.integer(1);
      if (attempts != row.integer(5))
        wrong.push_back(fmt::format("t{} counts {} attempts and tells the story of {}", task, attempts, row.integer(5)));
      // A run that was given back by a node that left counts, too; it started all the same.
      if (attempts > starts_[wire::format_id('t', task)])
        wrong.push_back(fmt::format("t{} counts {} attempts, but only {} runs began", task, attempts, starts_[wire::format_id('t', task)]));
      if (row.integer(3) == failed && row.flag(4) && attempts < row.integer(2))
        wrong.push_back(fmt::format("t{} is a dead letter after {} of {} attempts", task, attempts, row.integer(2)));
    }
    for (const store::Row& row :
         rows.query("SELECT t.id, t.cost_pico_usd, coalesce(sum(a.cost_pico_usd), 0) FROM task t LEFT JOIN attempt a "
                    "ON a.task = t.id GROUP BY t.id HAVING coalesce(sum(a.cost_pico_usd), 0) > t.cost_pico_usd"))
      wrong.push_back(fmt::format("I5: the attempts of t{} cost {}, the task {}", row.integer(0), row.integer(2), row.integer(1)));
    for (const store::Row& row : rows.query("SELECT b.id, b.cost_pico_usd, (SELECT coalesce(sum(t.cost_pico_usd), 0) FROM task t WHERE "
                                            "t.batch = b.id) FROM batch b"))
      if (row.integer(1) != row.integer(2))
        wrong.push_back(fmt::format("I5: b{} cost {}, its tasks {}", row.integer(0), row.integer(1), row.integer(2)));
    for (const store::Row& row : rows.query("SELECT b.id, b.total, b.succeeded, b.failed, b.ended_cancelled, b.ended_at, "
                                            "(SELECT count(*) FROM task t WHERE t.batch = b.id AND t.state = 4), (SELECT count(*) FROM "
                                            "task t WHERE t.batch = b.id) FROM batch b")) {
      if (row.integer(1) != row.integer(2) + row.integer(3) + row.integer(4) || row.integer(2) != row.integer(6) ||
          row.integer(1) != row.integer(7))
        wrong.push_back(fmt::format("b{} counts {} = {} + {} + {}, its rows say {} succeeded of {}", row.integer(0), row.integer(1),
                                    row.integer(2), row.integer(3), row.integer(4), row.integer(6), row.integer(7)));
      if (row.is_null(5)) wrong.push_back(fmt::format("b{} has not ended", row.integer(0)));
    }
  });
  return wrong;
}

std::string Checker::describe_open(store::Store& store) const {
  std::string out;
  look(store, [&](store::Transaction& rows) {
    for (const store::Row& row :
         rows.query("SELECT t.id, t.attempt, f.key, f.out_until, f.paused, r.task, d.run_at, d.reason, l.node, l.worker, l.accepted, "
                    "l.cancel FROM "
                    "task t JOIN flow f ON f.id = t.flow LEFT JOIN ready r ON r.task = t.id LEFT JOIN deferred d ON d.task = t.id "
                    "LEFT JOIN lease l ON l.task = t.id WHERE t.state = 0 LIMIT 10")) {
      out += fmt::format("; t{} after {} attempts, flow {} (paused {}, out until {})", row.integer(0), row.integer(1), row.text(2),
                         row.integer(4), row.integer(3));
      if (!row.is_null(5)) out += ", ready";
      if (!row.is_null(6)) out += fmt::format(", deferred until {} for reason {}", row.integer(6), row.integer(7));
      if (!row.is_null(8))
        out += fmt::format(", leased to {}@n{}, accepted {}, cancel {}", row.text(9), row.integer(8), row.integer(10), row.integer(11));
    }
  });
  return out;
}

std::int64_t Checker::open(store::Store& store) const {
  std::int64_t count = 0;
  look(store, [&](store::Transaction& rows) { count = rows.one("SELECT count(*) FROM task WHERE state = 0")->integer(0); });
  return count;
}

}  // namespace flotte::sim
