// Steps of a plan, taken by this process on itself, for good.
#pragma once
#include <string>

#include "base/error.hpp"
#include "sandbox/plan.hpp"

namespace flotte::sandbox::detail {

/// `name`: of the run's groups. Errors: io, conflict; the process is then half prepared and must not go on.
Result<void> apply(const Step& step, const std::string& name);

/// A network of its own with nothing but a loopback that is up. Error: io.
Result<void> cut_network(const CutNetwork& step);

}  // namespace flotte::sandbox::detail
