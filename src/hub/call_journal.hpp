// The call journal of this hub: who pays, when an answer is still wanted, and for how long calls and answers are kept.
#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>

#include "base/async/types.hpp"
#include "base/clock.hpp"
#include "route/journal.hpp"

namespace flotte::store {
class Store;
}
namespace flotte::fleet {
class Fleet;
}

namespace flotte::hub {

/// Settles what an earlier process left open. `stopping` ends what is read only for the journal. All outlive it.
std::shared_ptr<route::Journal> make_journal(store::Store& store, fleet::Fleet& fleet, const std::atomic<bool>& stopping);

/// Named in docs/journal.md.
struct JournalKeeping {
  std::chrono::hours after_end{24};                           // of its task; then its calls are forgotten, their counts stay
  std::int64_t bytes = std::int64_t{4} * 1024 * 1024 * 1024;  // of all answers; over it those of tasks that have ended go at once
  milliseconds every{600'000};
};
/// Forgets until cancelled.
Awaitable<void> keep_journal(store::Store& store, JournalKeeping keeping);
/// One round of it; for tests too. The answer: how many tasks were forgotten.
Awaitable<std::int64_t> forget_ended_calls(store::Store& store, JournalKeeping keeping);

}  // namespace flotte::hub
