// The flows that have ready tasks, found by a seek each: neither the flows that have none nor the tasks are walked through.
#pragma once
#include <string>
#include <string_view>

namespace flotte::fleet::detail {

/// Begins a statement that selects from ready_flow (flow).
inline constexpr std::string_view with_ready_flows =
    "WITH RECURSIVE seek (flow) AS (SELECT min(flow) FROM ready UNION ALL "
    "SELECT (SELECT min(r.flow) FROM ready r WHERE r.flow > seek.flow) FROM seek WHERE seek.flow IS NOT NULL), "
    "ready_flow (flow) AS (SELECT flow FROM seek WHERE flow IS NOT NULL) ";
inline std::string of_ready_flows(std::string_view select) { return std::string(with_ready_flows) + std::string(select); }

}  // namespace flotte::fleet::detail
