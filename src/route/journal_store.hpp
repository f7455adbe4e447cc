// The call journal in the database.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "base/clock.hpp"
#include "route/journal.hpp"

namespace flotte::store {
class Store;
class Transaction;
}  // namespace flotte::store

namespace flotte::route {

/// Charges a task for a call, in one transaction with `record`, and only where that gives true.
using Charging = std::function<Awaitable<Result<bool>>(std::int64_t task, std::int64_t fence, std::optional<std::int64_t> cost_pico_usd,
                                                       std::function<Result<bool>(store::Transaction&)> record)>;
/// Whether somebody still waits for a task: it has not ended, and nobody has asked for its end. On a reader.
using StillWanted = std::function<bool(store::Transaction&, std::int64_t task)>;

struct JournalOptions {
  Charging charging;                                          // empty: nobody is charged
  StillWanted still_wanted;                                   // empty: what a client has left ends at once
  std::int64_t task_bytes = std::int64_t{256} * 1024 * 1024;  // of one task's answers as they are kept; further ones are not
  std::size_t task_calls = 100'000;                           // of one task, of all its runs; further ones are refused
  milliseconds patience{300'000};                             // for the same call by an earlier run that is still under way
};

/// Safe from any loop; the store and the clock outlive it.
std::shared_ptr<Journal> store_journal(store::Store& store, JournalOptions options = {}, const Clock& clock = system_clock());

}  // namespace flotte::route
