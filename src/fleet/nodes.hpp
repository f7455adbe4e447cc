// Nodes in rows: epochs, leases of whole nodes, reconciliation.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fleet/leases.hpp"
#include "fleet/ledger.hpp"
#include "wire/link.hpp"

namespace flotte::fleet {

struct Registered {
  Session session;
  std::string id;  // "n1"
  std::int64_t acknowledged = 0;
  bool draining = false;
  std::vector<wire::RunId> keep, drop;
  std::string name;                            // what it is called by now
  std::vector<std::string> labels;             // given by the hub
  std::vector<wire::WorkerInfo> workers = {};  // defined at the hub
};
/// `hello.node` is the name that its key stands for. A node says hello: a new epoch; its runs are compared with its leases. Error:
/// forbidden (revoked).
Result<Registered> register_node(Ledger& ledger, const wire::Hello& hello);
/// Its workers, engines or what it has changed; kept for the time when it is away.
void announce(Ledger& ledger, const Session& session, const wire::Announce& what);
/// Extends the node's lease; false where the epoch is gone: it must say hello again.
bool beat(Ledger& ledger, const Session& session);
/// It goes on purpose: its leases are given up, unless it sleeps and keeps them: then until when it may. `at_most`: as for suspend_node.
std::optional<WallTime> say_goodbye(Ledger& ledger, const Session& session, const wire::Goodbye& how,
                                    std::optional<milliseconds> at_most = {});
/// Nodes whose lease ran out lose their epoch and every lease. Their ids.
std::vector<std::int64_t> rescue(Ledger& ledger);
/// At a hub's start: nobody is rescued within one lease from now.
void grant_grace(Ledger& ledger);

/// A machine was enrolled under that name: a node that was removed may come back. `labels` replace those that it had, unless empty.
void admit_node(store::Transaction& rows, std::string_view name, const std::vector<std::string>& labels, WallTime now);

/// What a person changes of a node; absent: as it is.
struct NodeChange {
  std::optional<std::string> name;
  std::optional<std::vector<std::string>> labels;
};
/// What a removed node is called from when another one takes its name.
std::string removed_name(std::string_view name, std::int64_t id);
/// Its id. Errors: not_found; conflict (a node of the new name is known).
Result<std::int64_t> change_node(store::Transaction& rows, std::string_view name, const NodeChange& change);

/// No new work for it / again. Error: not_found.
Result<void> set_draining(Ledger& ledger, std::string_view name, bool draining);
/// Never again; its leases are given up. Error: not_found.
Result<std::int64_t> revoke_node(Ledger& ledger, std::string_view name);

/// Nodes as rows remember them, with the workers they announced last.
struct StoredNode {
  std::int64_t id = 0;
  wire::NodeView view;
  std::vector<wire::WorkerInfo> workers;
  std::vector<wire::WorkerInfo> defined = {};  // at the hub
  bool draining = false;
  std::vector<std::string> paused;  // workers, by name
};
std::vector<StoredNode> stored_nodes(store::Transaction& rows);

}  // namespace flotte::fleet
