// The tables of this module: usage and the call journal. Numbers 200 to 299.
#pragma once
#include <span>

namespace flotte::store {
struct Migration;
}

namespace flotte::route {

std::span<const store::Migration> migrations();

}  // namespace flotte::route
