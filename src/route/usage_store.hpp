// Usage in the database: one writer that empties the rings in batches, and the questions that people ask about it.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/async/types.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/json.hpp"
#include "route/usage_ring.hpp"

namespace flotte::store {
class Store;
}

namespace flotte::route {

/// Empties `rings` into the database every `interval` (nothing is written while nothing happens), until it is cancelled; then once more.
/// Spawn it on one loop; rings and store outlive it. What the database refuses is kept and tried again, up to 100,000 records.
Awaitable<void> run_usage_writer(store::Store& store, std::vector<UsageRing*> rings,
                                 std::chrono::milliseconds interval = std::chrono::milliseconds(200));

/// What GET /fleet/v1/usage asks. Empty filters let everything through; days are UTC. What single tasks used is known for 30 days.
struct UsageQuery {
  std::string by = "model";  // model | key | target | provider | task | day
  std::string model, key, target, provider;
  std::optional<WallTime> from, to;
};

struct UsageRow {
  std::string group;  // the model, the key's id, the target, its provider (or engine), "t42" or "2026-11-21"
  std::int64_t calls = 0, failed = 0;
  std::int64_t input_tokens = 0, cached_tokens = 0, output_tokens = 0;
  std::int64_t cost_pico_usd = 0;
  std::int64_t unpriced_calls = 0;  // their cost is unknown and not in the sum
  json::object to_json() const;
};

/// Most calls first (days: newest first). Error: invalid_argument for an unknown `by`.
Awaitable<Result<std::vector<UsageRow>>> query_usage(store::Store& store, UsageQuery query);

}  // namespace flotte::route
