// Sleep in rows, and tasks that a version cannot read.
#include "fleet/suspended.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "fleet/detail/rows.hpp"
#include "fleet/tasks.hpp"
#include "fleet/views.hpp"
#include "wire/features.hpp"

namespace flotte::fleet {

std::optional<WallTime> suspend_node(Ledger& ledger, std::int64_t node, std::optional<milliseconds> at_most) {
  const milliseconds grace = ledger.policy.suspend_grace;
  if (grace <= milliseconds(0)) return std::nullopt;
  const WallTime until = ledger.rows.now() + (at_most ? std::min(grace, *at_most + ledger.policy.lease) : grace);
  const auto changed = ledger.rows.execute(
      "UPDATE node SET state = 'suspended', epoch = 0, suspended_until = ? WHERE id = ? AND state IN ('linked', 'suspended')", until, node);
  if (changed == 0) return std::nullopt;
  for (const store::Row& row : ledger.rows.query("SELECT task FROM lease WHERE node = ?", node))
    ledger.changes.tasks.insert(row.integer(0));
  return until;
}

std::vector<std::int64_t> end_long_sleeps(Ledger& ledger) {
  std::vector<std::int64_t> out;
  for (const store::Row& row :
       ledger.rows.query("SELECT id, name FROM node WHERE state = 'suspended' AND suspended_until < ? AND (suspended_until > 0 OR EXISTS "
                         "(SELECT 1 FROM lease l WHERE l.node = node.id))",
                         ledger.rows.now())) {
    ledger.rows.execute("UPDATE node SET state = 'lost', suspended_until = 0 WHERE id = ?", row.integer(0));
    release_all(ledger, row.integer(0), GivenUp::lost, fmt::format("{} slept for longer than its work could wait", row.text(1)));
    out.push_back(row.integer(0));
  }
  return out;
}

void prolong_sleeps(Ledger& ledger) {
  ledger.rows.execute("UPDATE node SET suspended_until = max(suspended_until, ?) WHERE state = 'suspended' AND suspended_until > 0",
                      ledger.rows.now() + ledger.policy.lease);
}

bool sleeps(Ledger& ledger, const Lease& lease) {
  return ledger.rows.one("SELECT 1 FROM node WHERE id = ? AND state = 'suspended'", lease.node).has_value();
}

void set_aside(Ledger& ledger, const Session& session, const wire::RunId& run) {
  const std::int64_t task = detail::task_number(run);
  const auto lease = find_lease(ledger.rows, task);
  if (!lease || lease->fence != run.fence || lease->node != session.node || lease->epoch != session.epoch) return;
  const auto row = ledger.rows.one("SELECT host FROM node WHERE id = ?", session.node);
  const auto host = row ? json::parse_object(row->text(0)) : Result<json::object>(fail(Code::not_found, ""));
  auto spec = task_spec(ledger.rows, task);
  if (!host || !spec) return;
  const std::string label = "!" + wire::version_label(json::string_or(*host, "version", ""));
  if (std::find(spec->labels.begin(), spec->labels.end(), label) != spec->labels.end()) return;
  spec->labels.push_back(label);
  change_need(ledger, task, *spec);
}

}  // namespace flotte::fleet
