// The tables of this module: client keys, invitations, nodes' public keys. Numbers 300 to 399.
#pragma once
#include <span>

namespace flotte::store {
struct Migration;
}

namespace flotte::access {

std::span<const store::Migration> migrations();

}  // namespace flotte::access
