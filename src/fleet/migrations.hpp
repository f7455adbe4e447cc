// The tables of this module. Numbers 100 to 199.
#pragma once
#include <span>

namespace flotte::store {
struct Migration;
}

namespace flotte::fleet {

std::span<const store::Migration> migrations();

}  // namespace flotte::fleet
