// What takes no new work for now because somebody said so: flows, projects, workers. What runs goes on. The reasons to pause a flow add up:
// it starts something again when none is left.
#pragma once
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "fleet/ledger.hpp"

namespace flotte::fleet {

/// flow.paused is a sum of these.
inline constexpr std::int64_t paused_by_batch = 1, paused_by_person = 2, paused_by_project = 4;
enum class Paused { no, yes };

/// One reason of one flow.
void set_paused(Ledger& ledger, std::int64_t flow, std::int64_t reason, Paused paused);
/// Errors: not_found.
Result<void> pause_flow(Ledger& ledger, std::int64_t flow, Paused paused);
/// Every flow of that project, whoever owns it, also those to come. A project is whatever tasks call so: none is unknown.
void pause_project(Ledger& ledger, std::string_view project, Paused paused);
bool project_paused(store::Transaction& rows, std::string_view project);

/// A worker of a node, by their names. It stays paused while its node is away. Errors: not_found (no such node).
Result<void> pause_worker(Ledger& ledger, std::string_view node, std::string_view worker, Paused paused);
/// (node's number, worker's name).
std::set<std::pair<std::int64_t, std::string>> paused_workers(store::Transaction& rows);

}  // namespace flotte::fleet
