// Batches and blobs of the fleet API. Every call may be repeated after a lost connection: blobs are named by content, items by index,
// a batch by its idempotency key.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "client/fleet.hpp"

namespace flotte::client {

/// An item as it is submitted: one line of NDJSON.
struct NewItem {
  std::int64_t index = 0;  // from 0, without gaps
  std::string name;        // what a person calls it: a path, or `path:line`
  wire::TaskSpec task;
  std::string to_line() const;
};

/// An item as the hub shows it, with its newest task.
struct BatchItem {
  std::int64_t index = 0;
  std::string name;  // "item 7" where the submitter gave none
  wire::TaskView task;
  static Result<BatchItem> from_json(const json::object& o);
};

struct EndedItems {
  std::vector<BatchItem> items;  // in the order in which they ended
  std::string next;              // cursor behind the last of them; the same cursor where there are none
};

struct ItemPage {
  std::vector<BatchItem> items;  // in the order of their index
  std::string next;              // empty: no more
};

class Batches {
 public:
  explicit Batches(Fleet& fleet) : fleet_(fleet) {}

  Awaitable<Result<wire::BatchView>> create(std::string title, std::string idempotency_key,
                                            std::optional<std::int64_t> max_cost_pico_usd = std::nullopt);
  Awaitable<Result<wire::BatchView>> show(std::string id);
  /// `lines`: NDJSON. Items whose index the hub has are skipped there.
  Awaitable<Result<void>> add_items(std::string id, std::string lines);
  Awaitable<Result<wire::BatchView>> seal(std::string id);
  /// The smallest index that the hub does not have.
  Awaitable<Result<std::int64_t>> next_index(std::string id);
  /// `what` is cancel or retry.
  Awaitable<Result<wire::BatchView>> act(std::string id, std::string what);
  /// Items that reached a terminal state after the cursor (empty: from the beginning).
  Awaitable<Result<EndedItems>> ended(std::string id, std::string cursor, std::size_t limit);
  Awaitable<Result<ItemPage>> items(std::string id, std::string cursor, std::size_t limit);

  Awaitable<Result<bool>> has_blob(std::string sha256);
  Awaitable<Result<void>> put_blob(std::string sha256, const std::string& content);
  Awaitable<Result<std::string>> blob(std::string sha256);

 private:
  Fleet& fleet_;
};

}  // namespace flotte::client
