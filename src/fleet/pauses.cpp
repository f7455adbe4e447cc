// Pauses in rows.
#include "fleet/pauses.hpp"

#include <fmt/format.h>

namespace flotte::fleet {
namespace {

constexpr std::string_view project_kind = "project", worker_kind = "worker";

/// A worker's name in `pause`: its node by number, because nodes are renamed.
std::string worker_name(std::int64_t node, std::string_view worker) { return fmt::format("{}/{}", node, worker); }

void note(Ledger& ledger, std::string_view kind, std::string_view name, Paused paused) {
  if (paused == Paused::yes)
    ledger.rows.execute("INSERT INTO pause (kind, name, at) VALUES (?, ?, ?) ON CONFLICT (kind, name) DO NOTHING", kind, name,
                        ledger.rows.now());
  else
    ledger.rows.execute("DELETE FROM pause WHERE kind = ? AND name = ?", kind, name);
}

}  // namespace

void set_paused(Ledger& ledger, std::int64_t flow, std::int64_t reason, Paused paused) {
  const auto row = ledger.rows.one("UPDATE flow SET paused = (paused & ~?) | ? WHERE id = ? RETURNING paused", reason,
                                   paused == Paused::yes ? reason : 0, flow);
  if (!row) return;
  if (row->integer(0) != 0) {
    ledger.changes.paused.insert(flow);
    ledger.changes.flows.erase(flow);
  } else {
    ledger.changes.flows.insert(flow);
    ledger.changes.paused.erase(flow);
  }
}

Result<void> pause_flow(Ledger& ledger, std::int64_t flow, Paused paused) {
  if (!ledger.rows.one("SELECT 1 FROM flow WHERE id = ?", flow))
    return fail(Code::not_found, fmt::format("no flow {}", wire::format_id('f', flow)), "see `flotte flow ls`");
  set_paused(ledger, flow, paused_by_person, paused);
  return {};
}

void pause_project(Ledger& ledger, std::string_view project, Paused paused) {
  note(ledger, project_kind, project, paused);
  const store::Rows flows = ledger.rows.query("SELECT id FROM flow WHERE project = ? AND project <> ''", project);
  for (const store::Row& row : flows) set_paused(ledger, row.integer(0), paused_by_project, paused);
}

bool project_paused(store::Transaction& rows, std::string_view project) {
  return !project.empty() && rows.one("SELECT 1 FROM pause WHERE kind = ? AND name = ?", project_kind, project).has_value();
}

Result<void> pause_worker(Ledger& ledger, std::string_view node, std::string_view worker, Paused paused) {
  const auto row = ledger.rows.one("SELECT id FROM node WHERE name = ? AND state <> 'revoked'", node);
  if (!row) return fail(Code::not_found, fmt::format("no node '{}'", node), "see `flotte node ls`");
  note(ledger, worker_kind, worker_name(row->integer(0), worker), paused);
  return {};
}

std::set<std::pair<std::int64_t, std::string>> paused_workers(store::Transaction& rows) {
  std::set<std::pair<std::int64_t, std::string>> out;
  for (const store::Row& row : rows.query("SELECT name FROM pause WHERE kind = ?", worker_kind)) {
    const std::string name = row.text(0);
    const std::size_t slash = name.find('/');
    out.emplace(std::stoll(name.substr(0, slash)), name.substr(slash + 1));
  }
  return out;
}

}  // namespace flotte::fleet
