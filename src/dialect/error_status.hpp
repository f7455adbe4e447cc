// The one table from our codes to HTTP's statuses, for every path: the dialects' and the fleet's. Pure.
#pragma once
#include "base/error.hpp"

namespace flotte::dialect {

int status_of(Code code) noexcept;

}  // namespace flotte::dialect
