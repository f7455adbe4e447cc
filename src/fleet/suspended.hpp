// Nodes that said that they sleep: their leases live on for a while, and then they are lost like any other.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "fleet/leases.hpp"
#include "fleet/ledger.hpp"

namespace flotte::fleet {

/// The node goes to sleep with its runs, or a person says that it has: it has no epoch any more and keeps its leases until the given time.
/// That is a lease after it was to be back (`at_most` from now, where somebody said so), and the policy's grace at the latest.
/// Nothing where it is not linked as far as its row says, or the policy grants no sleep.
std::optional<WallTime> suspend_node(Ledger& ledger, std::int64_t node, std::optional<milliseconds> at_most = {});
/// Nodes that slept too long lose every lease. Their ids.
std::vector<std::int64_t> end_long_sleeps(Ledger& ledger);
/// At a hub's start: nobody's sleep ends within one lease from now.
void prolong_sleeps(Ledger& ledger);
/// Whether a lease is held by a node that sleeps: it cannot be asked for anything.
bool sleeps(Ledger& ledger, const Lease& lease);

/// The node that holds this run cannot read it, in the version that it has now: the task is for nodes of other versions from now on.
/// Before it is refused. Nothing where the run is not the node's own.
void set_aside(Ledger& ledger, const Session& session, const wire::RunId& run);

}  // namespace flotte::fleet
