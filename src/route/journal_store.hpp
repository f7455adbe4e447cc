// The call journal in the database.
#pragma once
#include <memory>

#include "route/journal.hpp"

namespace flotte::store {
class Store;
}

namespace flotte::route {

/// Safe from any loop; the store outlives it.
std::shared_ptr<Journal> store_journal(store::Store& store);

}  // namespace flotte::route
