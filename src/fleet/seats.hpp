// Concurrency keys in rows: at most so many tasks of one key have a lease. Each of those holds a numbered seat, and the lease table lets no
// seat be taken twice; nothing is counted first and claimed later. A seat is given up with its lease, whatever became of who held it.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fleet/ledger.hpp"
#include "wire/task.hpp"

namespace flotte::fleet {

/// The key's number; its limit is this one from now on. A smaller one ends nothing that runs.
std::int64_t use_key(Ledger& ledger, std::string_view owner, const wire::Concurrency& concurrency);

/// Seats of a key that are free, at most `count`, the lowest first.
std::vector<std::int64_t> free_seats(store::Transaction& rows, std::int64_t key, std::size_t count);

/// A key as it is shown.
struct KeyUse {
  std::string owner, key;
  int limit = 1, used = 0;
  std::vector<std::string> holders;  // tasks that have a seat, at most ten
};
KeyUse show_key(store::Transaction& rows, std::int64_t key);

}  // namespace flotte::fleet
