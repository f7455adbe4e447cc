// Providers that were added while the hub runs: their rows. The key is not among them; it lies in a file of its own, so that no copy of
// the database holds it. The functions on a Transaction belong into Store::write or read.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace flotte::store {
class Transaction;
}

namespace flotte::route {

struct StoredProvider {
  std::string name, dialect, base_url;
  std::string key_file;     // name of the file with the key, below DATA/providers
  std::int64_t models = 0;  // that its key could see when it was tested
};

/// Error: conflict where the name is taken.
Result<void> insert_provider(store::Transaction& tx, const StoredProvider& provider);
/// The row that is gone now. Error: not_found.
Result<StoredProvider> delete_provider(store::Transaction& tx, std::string_view name);
/// By name.
Result<std::vector<StoredProvider>> list_providers(store::Transaction& tx);

}  // namespace flotte::route
