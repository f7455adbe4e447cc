// What a client may say of what it submits. A member that nobody knows is refused, for it may be a budget or a condition that was meant to
// hold. Only for what comes from clients: what nodes of other versions say, and what is stored, is read as far as it is understood.
#pragma once
#include <span>
#include <string_view>

#include "base/error.hpp"
#include "base/json.hpp"

namespace flotte::wire {

/// `what` as in "a batch". Error: invalid_argument that names the first member that is not `known`, with the nearest one as its hint.
Result<void> check_members(const json::object& o, std::string_view what, std::span<const std::string_view> known);
/// The same for a TaskSpec, its `concurrency` and the `input` of its kind.
Result<void> check_task_members(const json::object& task);

}  // namespace flotte::wire
