// Items of batches as they are shown and followed. Readers only.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/transaction.hpp"
#include "wire/task.hpp"

namespace flotte::fleet {

struct BatchItemView {
  std::int64_t index = 0;
  std::string name;     // what the submitter calls it
  wire::TaskView task;  // the newest: after a retry, the new one
};

struct BatchItemFilter {
  std::int64_t batch = 0;
  std::int64_t after = -1;  // an index (-1: from the start), or a place in the order of ending (0: from the start)
  std::size_t limit = 100;  // at most 1000
  bool by_end = false;      // only items whose task has ended, in the order in which they did
};
struct BatchItemPage {
  std::vector<BatchItemView> items;
  std::optional<std::int64_t> next;  // `by_end`: always the place behind the last; otherwise empty at the end
};
/// Error: not_found.
Result<BatchItemPage> list_batch_items(store::Transaction& rows, const BatchItemFilter& filter);
/// The smallest index that is not stored. Error: not_found.
Result<std::int64_t> next_item_index(store::Transaction& rows, std::int64_t batch);

}  // namespace flotte::fleet
