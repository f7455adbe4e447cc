// Batches in rows: many tasks from one submission, counted as they change.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "fleet/ledger.hpp"
#include "fleet/tasks.hpp"
#include "wire/task.hpp"

namespace flotte::fleet {

struct NewBatch {
  std::string owner, title;
  std::optional<Idempotency> idempotency;
  std::optional<std::int64_t> max_cost_pico_usd;  // when its tasks have cost so much nothing of it starts any more
};
/// Open for items. Errors: unprocessable (the key was used for another body).
Result<std::int64_t> make_batch(Ledger& ledger, const NewBatch& batch);

struct BatchItem {
  std::int64_t index = 0;  // from 0, the client's
  std::string name;        // what the client calls it, for people
  wire::TaskSpec spec;
  bool priced = false;  // what its model costs is known: needed where the batch may only cost so much
};
struct Added {
  std::int64_t added = 0, known = 0;  // an index that is there already changes nothing
};
/// Items of a batch that has spent its limit are taken and cancelled at once. Errors: not_found, conflict (sealed, and an item is new; or
/// cancelled), unprocessable (an index is there with another task; the batch has a limit and nobody knows what the model costs).
Result<Added> submit_many(Ledger& ledger, std::int64_t batch, const std::vector<BatchItem>& items);
/// No more items will come. Again: nothing happens. Errors: not_found.
Result<void> seal_batch(Ledger& ledger, std::int64_t batch);

/// Nothing of it starts any more; `cancel_some` then ends its tasks in pieces. Errors: not_found, conflict (done).
Result<void> cancel_batch(Ledger& ledger, std::int64_t batch, wire::Reason reason);
/// Ends up to `limit` waiting tasks of batches being cancelled; true while some are left.
bool cancel_some(Ledger& ledger, std::int64_t limit = 1000);
/// Errors: not_found, conflict (it has ended).
Result<void> pause_batch(Ledger& ledger, std::int64_t batch);
Result<void> resume_batch(Ledger& ledger, std::int64_t batch);
/// Every failed or cancelled item again; how many. Errors: not_found, conflict (it still runs).
Result<std::int64_t> retry_batch(Ledger& ledger, std::int64_t batch);

// ---- called by the functions of tasks.hpp and leases.hpp -----------------------------------------------------------
/// A task of the batch ended.
void count_end(Ledger& ledger, std::int64_t batch, wire::TaskState state, const wire::Usage& usage);
/// An attempt ended that was not the last.
void count_usage(Ledger& ledger, std::int64_t batch, const wire::Usage& usage);
/// What a call of one of its tasks cost. With the limit reached nothing of it starts any more; what runs ends by itself.
void count_cost(Ledger& ledger, std::int64_t batch, std::int64_t cost_pico_usd, std::int64_t unpriced_calls);
/// It has spent its limit, or as good as: nothing of it starts any more; what runs ends by itself.
void spend_batch(Ledger& ledger, std::int64_t batch);
/// An ended item (`leaving` its state) is about to be tried again: the batch runs again. Errors: not_found, conflict, exhausted (its limit
/// is spent).
Result<void> reopen_batch(Ledger& ledger, std::int64_t batch, wire::TaskState leaving);

}  // namespace flotte::fleet
