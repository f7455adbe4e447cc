// Unique tasks in rows: one at a time under a name.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "fleet/ledger.hpp"

namespace flotte::fleet {

/// The task that has that name and has not ended. What has ended leaves the name free, without a write at its end.
std::optional<std::int64_t> find_unique(store::Transaction& rows, std::string_view owner, std::string_view name);
/// From now on it is this one. Names live for an owner: two owners may use the same.
void remember_unique(Ledger& ledger, std::string_view owner, std::string_view name, std::int64_t task);
/// Names of tasks that have ended are forgotten, at most `limit`.
void forget_unique(Ledger& ledger, std::int64_t limit = 1000);

}  // namespace flotte::fleet
