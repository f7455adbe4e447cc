// What the rows say of why a task does not run.
#include <algorithm>

#include "fleet/detail/rows.hpp"
#include "fleet/views.hpp"
#include "fleet/why.hpp"

namespace flotte::fleet {

std::optional<WhyFacts> gather_why(store::Transaction& rows, std::int64_t task) {
  auto view = show_task(rows, task);
  if (!view) return std::nullopt;
  WhyFacts facts;
  facts.task = std::move(*view);
  const auto flow = rows.one(
      // The flow of an ended task may be forgotten.
      "SELECT coalesce(f.id, 0), t.kind, coalesce(f.model, t.model), coalesce(f.node, ''), coalesce(f.worker, ''), "
      "coalesce(f.labels, t.labels), coalesce(f.exclusive, 0), coalesce(f.paused, 0), t.priority, coalesce(f.out_until, 0), "
      "coalesce(f.out_why, 0), coalesce(f.out_reset, 0), f.limited, t.project FROM task t LEFT JOIN flow f ON f.id = t.flow WHERE t.id = ?",
      task);
  facts.need = {static_cast<wire::TaskKind>(flow->integer(1)),
                flow->text(2),
                flow->text(3),
                flow->text(4),
                detail::labels_of(flow->text(5)),
                flow->flag(6)};
  facts.paused = flow->integer(7);
  facts.project = flow->text(13);
  if (!facts.need.node.empty())
    facts.node_known = rows.one("SELECT 1 FROM node WHERE name = ? AND state <> 'revoked'", facts.need.node).has_value();
  if (const auto key = flow->maybe_integer(12)) facts.key = show_key(rows, *key);
  if (flow->integer(9) > 0) {
    facts.out_why = static_cast<OutWhy>(std::clamp<std::int64_t>(flow->integer(10), 0, 3));
    if (flow->integer(11) > 0) facts.out_reset = flow->time(11);
  }
  if (const auto row = rows.one("SELECT b.max_cost_pico_usd FROM task t JOIN batch b ON b.id = t.batch WHERE t.id = ?", task))
    facts.limit_pico_usd = row->maybe_integer(0);
  if (const auto row =
          rows.one("SELECT b.cancel_reason FROM task t JOIN batch b ON b.id = t.batch WHERE t.id = ? AND b.cancelled = 1", task))
    facts.batch_spent = static_cast<wire::Reason>(row->integer(0)) == wire::Reason::budget;
  if (const auto row = rows.one("SELECT cancel FROM lease WHERE task = ?", task)) facts.stopping = static_cast<int>(row->integer(0));
  if (const auto row = rows.one("SELECT run_at, reason FROM deferred WHERE task = ?", task);
      row && static_cast<wire::Reason>(row->integer(1)) != wire::Reason::dependency)
    facts.waits_until = row->time(0);
  facts.deferred = facts.waits_until.has_value();
  if (!facts.waits_until && flow->integer(9) > 0) facts.waits_until = flow->time(9);
  facts.ahead = rows.one("SELECT count(*) FROM (SELECT 1 FROM ready WHERE flow = ? AND (priority, task) < (?, ?) LIMIT 1000)",
                         flow->integer(0), flow->integer(8), task)
                    ->integer(0);
  if (facts.task.reason == wire::Reason::dependency) {
    if (facts.task.state == wire::TaskState::waiting) facts.dependencies = open_dependencies(rows, task);
    if (facts.task.state == wire::TaskState::cancelled) facts.failed = failed_dependency(rows, task);
  }
  for (const store::Row& row :
       rows.query("SELECT n.name, l.worker, count(*) FROM lease l JOIN node n ON n.id = l.node GROUP BY n.name, l.worker"))
    facts.leases[{row.text(0), row.text(1)}] = static_cast<int>(row.integer(2));
  if (const auto row = rows.one("SELECT message FROM attempt WHERE task = ? ORDER BY fence DESC LIMIT 1", task))
    facts.node_message = row->text(0);
  return facts;
}

}  // namespace flotte::fleet
