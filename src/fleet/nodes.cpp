// Nodes in rows.
#include "fleet/nodes.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/failpoint.hpp"
#include "fleet/definitions.hpp"
#include "fleet/detail/rows.hpp"
#include "fleet/suspended.hpp"
#include "fleet/tasks.hpp"

namespace flotte::fleet {
namespace {

template <class T>
std::string list_text(const std::vector<T>& things) {
  json::array list;
  for (const T& thing : things) list.push_back(thing.to_json());
  return json::dump(std::move(list));
}

template <class T>
std::vector<T> things_of(const std::string& text) {
  std::vector<T> out;
  const auto list = json::parse(text);
  if (!list || !list->is_array()) return out;
  for (const json::value& v : list->get_array())
    if (v.is_object()) out.push_back(T::from_json(v.get_object()));
  return out;
}

/// Leases of the node's last epoch against what it says is still alive there.
void reconcile(Ledger& ledger, const wire::Hello& hello, Registered& out) {
  std::vector<wire::RunId> unknown = hello.running;
  for (const store::Row& row : ledger.rows.query("SELECT task FROM lease WHERE node = ?", out.session.node)) {
    const auto lease = find_lease(ledger.rows, row.integer(0));
    const wire::RunId run = detail::run_of(lease->task, lease->fence);
    const auto found = std::find(unknown.begin(), unknown.end(), run);
    if (found == unknown.end()) {
      release(ledger, *lease, GivenUp::lost, fmt::format("{} came back without it", hello.node));
      continue;
    }
    unknown.erase(found);
    mark_accepted(ledger, *lease, out.session.epoch);
    out.keep.push_back(run);
    if (lease->cancel != 0) ledger.changes.cancels.push_back({out.session.node, run});
  }
  out.drop = std::move(unknown);
}

}  // namespace

Result<Registered> register_node(Ledger& ledger, const wire::Hello& hello) {
  const WallTime now = ledger.rows.now();
  constexpr std::string_view known = "SELECT id, state, applied, draining, labels FROM node WHERE name = ?";
  auto row = ledger.rows.one(known, hello.node);
  if (row && row->text(1) == "revoked")
    return fail(Code::forbidden, fmt::format("node '{}' was removed from this fleet", hello.node), "join it again: flotte node invite");
  if (!row) {
    ledger.rows.execute(
        "INSERT INTO node (name, epoch, state, lease_until, instance, home, host, engines, workers, seen_at, created_at) "
        "VALUES (?, 0, 'lost', 0, 0, ?, '{}', '[]', '[]', ?, ?)",
        hello.node, hello.node == "home", now, now);
    row = ledger.rows.one(known, hello.node);
  }
  Registered out;
  out.session = {row->integer(0), detail::next_number(ledger.rows, "epoch")};
  out.id = wire::format_id('n', out.session.node);
  out.acknowledged = row->integer(2);
  out.name = hello.node;
  out.draining = row->flag(3);
  out.labels = detail::labels_of(row->text(4));
  ledger.rows.execute(
      "UPDATE node SET epoch = ?, state = 'linked', suspended_until = 0, lease_until = ?, instance = ?, host = ?, engines = ?, workers = "
      "?, seen_at = ? WHERE "
      "id = ?",
      out.session.epoch, now + ledger.policy.lease, hello.instance, json::dump(hello.host.to_json()), list_text(hello.engines),
      list_text(hello.workers), now, out.session.node);
  out.workers = definitions_of(ledger.rows, out.session.node);
  reconcile(ledger, hello, out);
  return out;
}

void announce(Ledger& ledger, const Session& session, const wire::Announce& what) {
  ledger.rows.execute("UPDATE node SET engines = ?, workers = ? WHERE id = ? AND epoch = ?", list_text(what.engines),
                      list_text(what.workers), session.node, session.epoch);
  if (what.host)
    ledger.rows.execute("UPDATE node SET host = ? WHERE id = ? AND epoch = ?", json::dump(what.host->to_json()), session.node,
                        session.epoch);
}

bool beat(Ledger& ledger, const Session& session) {
  const WallTime now = ledger.rows.now();
  return ledger.rows.execute("UPDATE node SET lease_until = ?, seen_at = ? WHERE id = ? AND epoch = ? AND state = 'linked'",
                             now + ledger.policy.lease, now, session.node, session.epoch) == 1;
}

std::optional<WallTime> say_goodbye(Ledger& ledger, const Session& session, const wire::Goodbye& how, std::optional<milliseconds> at_most) {
  const auto row = ledger.rows.one("SELECT name FROM node WHERE id = ? AND epoch = ?", session.node, session.epoch);
  if (!row) return std::nullopt;
  if (how.sleeping && how.keeps)
    if (const auto until = suspend_node(ledger, session.node, at_most)) return until;
  const bool sleeping = how.sleeping;
  ledger.rows.execute("UPDATE node SET state = ?, epoch = 0 WHERE id = ?", sleeping ? "suspended" : "lost", session.node);
  release_all(ledger, session.node, GivenUp::handed_back, fmt::format("{} {}", row->text(0), sleeping ? "went to sleep" : "was shut down"));
  return std::nullopt;
}

std::vector<std::int64_t> rescue(Ledger& ledger) {
  std::vector<std::int64_t> out;
  for (const store::Row& row :
       ledger.rows.query("SELECT id, name FROM node WHERE state = 'linked' AND lease_until < ?", ledger.rows.now())) {
    ledger.rows.execute("UPDATE node SET state = 'lost', epoch = 0 WHERE id = ?", row.integer(0));
    release_all(ledger, row.integer(0), GivenUp::lost,
                fmt::format("{} was not heard of for {} s", row.text(1), ledger.policy.lease.count() / 1000));
    out.push_back(row.integer(0));
  }
  for (const std::int64_t node : end_long_sleeps(ledger)) out.push_back(node);
  // Cannot be, but would stand for ever: leases of a node that has no epoch.
  for (const store::Row& row :
       ledger.rows.query("SELECT DISTINCT l.node FROM lease l JOIN node n ON n.id = l.node WHERE n.state NOT IN ('linked', 'suspended')"))
    release_all(ledger, row.integer(0), GivenUp::lost, "its node is gone");
  return out;
}

void grant_grace(Ledger& ledger) {
  const WallTime now = ledger.rows.now();
  if (!failpoint::planted(Failpoint::plant_no_grace))
    ledger.rows.execute("UPDATE node SET lease_until = ? WHERE state = 'linked'", now + ledger.policy.lease);
  prolong_sleeps(ledger);
  // A wall clock that was set back while no hub ran must not make a short wait long.
  ledger.rows.execute("UPDATE deferred SET run_at = ? WHERE reason = ? AND run_at > ?", now + seconds(300), code(wire::Reason::backoff),
                      now + seconds(300));
}

void admit_node(store::Transaction& rows, std::string_view name, const std::vector<std::string>& labels, WallTime now) {
  rows.execute(
      "INSERT INTO node (name, epoch, state, lease_until, instance, home, host, engines, workers, seen_at, created_at) "
      "VALUES (?, 0, 'lost', 0, 0, 0, '{}', '[]', '[]', ?, ?) ON CONFLICT (name) DO UPDATE SET "
      "state = CASE state WHEN 'revoked' THEN 'lost' ELSE state END",
      name, now, now);
  if (!labels.empty()) rows.execute("UPDATE node SET labels = ? WHERE name = ?", detail::labels_text(labels), name);
}

std::string removed_name(std::string_view name, std::int64_t id) { return fmt::format("{} (removed, n{})", name, id); }

Result<std::int64_t> change_node(store::Transaction& rows, std::string_view name, const NodeChange& change) {
  const auto row = rows.one("SELECT id FROM node WHERE name = ? AND state <> 'revoked'", name);
  if (!row) return fail(Code::not_found, fmt::format("no node '{}'", name), "see `flotte node ls`");
  const std::int64_t id = row->integer(0);
  if (change.labels) rows.execute("UPDATE node SET labels = ? WHERE id = ?", detail::labels_text(*change.labels), id);
  if (!change.name || *change.name == name) return id;
  // The rows of a removed node keep its story under another name.
  if (const auto other = rows.one("SELECT id, state FROM node WHERE name = ?", *change.name)) {
    if (other->text(1) != "revoked")
      return fail(Code::conflict, fmt::format("a node called '{}' is known already", *change.name), "choose another name");
    rows.execute("UPDATE node SET name = ? WHERE id = ?", removed_name(*change.name, other->integer(0)), other->integer(0));
  }
  rows.execute("UPDATE node SET name = ? WHERE id = ?", *change.name, id);
  return id;
}

Result<void> set_draining(Ledger& ledger, std::string_view name, bool draining) {
  if (ledger.rows.execute("UPDATE node SET draining = ? WHERE name = ?", draining, name) == 0)
    return fail(Code::not_found, fmt::format("no node {}", name));
  return {};
}

Result<std::int64_t> revoke_node(Ledger& ledger, std::string_view name) {
  const auto row = ledger.rows.one("SELECT id FROM node WHERE name = ?", name);
  if (!row) return fail(Code::not_found, fmt::format("no node {}", name));
  ledger.rows.execute("UPDATE node SET state = 'revoked', epoch = 0 WHERE id = ?", row->integer(0));
  release_all(ledger, row->integer(0), GivenUp::handed_back, fmt::format("{} was revoked", name));
  return row->integer(0);
}

std::vector<StoredNode> stored_nodes(store::Transaction& rows) {
  std::vector<StoredNode> out;
  for (const store::Row& row : rows.query("SELECT id, name, state, epoch, home, host, engines, workers, seen_at, draining, labels, "
                                          "suspended_until FROM node ORDER BY id")) {
    StoredNode node;
    node.id = row.integer(0);
    node.view.id = wire::format_id('n', node.id);
    node.view.name = row.text(1);
    node.view.state = row.text(2);
    node.view.epoch = row.integer(3);
    node.view.home = row.flag(4);
    if (const auto host = json::parse_object(row.text(5))) node.view.host = wire::HostInfo::from_json(*host);
    node.view.engines = things_of<wire::EngineInfo>(row.text(6));
    node.workers = things_of<wire::WorkerInfo>(row.text(7));
    node.view.seen_at = row.time(8);
    node.draining = row.flag(9);
    node.defined = definitions_of(rows, node.id);
    node.view.labels = detail::labels_of(row.text(10));
    if (node.view.state == "suspended" && row.integer(11) > 0) node.view.suspended_until = row.time(11);
    out.push_back(std::move(node));
  }
  return out;
}

}  // namespace flotte::fleet
