// Workers that were defined at the hub, so that nobody edits a file on each machine. A node is sent its list and runs them as if they stood
// in its own file. Only model workers: what a machine executes, its own file says.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/transaction.hpp"
#include "wire/fleet.hpp"

namespace flotte::fleet {

inline constexpr std::size_t most_definitions = 200;  // of one node

enum class DefinitionAction { add, set, remove };

/// What a definition may say. Error: invalid_argument; forbidden for a kind that only a node's own file can have.
Result<void> check_definition(const wire::WorkerInfo& worker);

/// A new one. The node's number. Errors: those of `check_definition`; not_found (no such node), conflict (the name is taken), exhausted.
Result<std::int64_t> define_worker(store::Transaction& rows, std::string_view node, const wire::WorkerInfo& worker);
/// Another text for one that is there. Errors: those of `check_definition`; not_found.
Result<std::int64_t> redefine_worker(store::Transaction& rows, std::string_view node, const wire::WorkerInfo& worker);
/// Errors: not_found.
Result<std::int64_t> remove_definition(store::Transaction& rows, std::string_view node, std::string_view worker);

/// Nothing where it was not defined here.
std::optional<wire::WorkerInfo> find_definition(store::Transaction& rows, std::string_view node, std::string_view worker);
/// Of one node, by name.
std::vector<wire::WorkerInfo> definitions_of(store::Transaction& rows, std::int64_t node);

}  // namespace flotte::fleet
