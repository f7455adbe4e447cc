// Whether a model can be asked at all: what its targets have said about their quotas. Pure but for the shared atomics.
#pragma once
#include <optional>

#include "base/clock.hpp"
#include "route/table.hpp"

namespace flotte::route {

/// How long it is in vain to ask any target of the route, because their quotas are used up or they have said "later"; nothing where one may
/// be asked, or where the route has none.
std::optional<milliseconds> out_of_quota(const Route& route, SteadyTime now) noexcept;

}  // namespace flotte::route
