// Whether a model can be asked at all: what its targets have said about their quotas. Pure but for the shared atomics.
#pragma once
#include <optional>

#include "base/clock.hpp"
#include "route/table.hpp"

namespace flotte::route {

/// How long it is in vain to ask any target of the route, because their quotas are used up or they have said "later"; nothing where one may
/// be asked, or where the route has none.
std::optional<milliseconds> out_of_quota(const Route& route, SteadyTime now) noexcept;

/// The same where all are closed because they broke several times in a row or have too much to do. One that is only being tried again is
/// not.
std::optional<milliseconds> out_of_reach(const Route& route, SteadyTime now) noexcept;

}  // namespace flotte::route
