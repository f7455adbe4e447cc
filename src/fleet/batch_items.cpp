// Items of batches as they are shown and followed.
#include "fleet/batch_items.hpp"

#include <fmt/format.h>

#include "fleet/views.hpp"

namespace flotte::fleet {
namespace {

Result<void> need_batch(store::Transaction& rows, std::int64_t batch) {
  if (rows.one("SELECT 1 FROM batch WHERE id = ?", batch)) return {};
  return fail(Code::not_found, fmt::format("no batch 'b{}'", batch), "see `flotte batch ls`");
}

}  // namespace

Result<BatchItemPage> list_batch_items(store::Transaction& rows, const BatchItemFilter& filter) {
  if (auto known = need_batch(rows, filter.batch); !known) return pass(known);
  // An item that was retried since is left out of the order of ending until its new task ends too.
  constexpr std::string_view by_end =
      "SELECT e.number, i.item, i.name, i.task FROM batch_end e JOIN batch_item i ON i.batch = e.batch AND i.item = e.item AND i.task = "
      "e.task "
      "WHERE e.batch = ? AND e.number > ? ORDER BY e.number LIMIT ?";
  constexpr std::string_view by_index = "SELECT item, item, name, task FROM batch_item WHERE batch = ? AND item > ? ORDER BY item LIMIT ?";
  BatchItemPage page;
  std::int64_t place = filter.after;
  for (const auto& row : rows.query(filter.by_end ? by_end : by_index, filter.batch, filter.after, filter.limit)) {
    auto task = show_task(rows, row.integer(3));
    if (!task) continue;
    place = row.integer(0);
    page.items.push_back({row.integer(1), row.text(2), std::move(*task)});
  }
  if (filter.by_end || page.items.size() == filter.limit) page.next = place;
  return page;
}

Result<std::int64_t> next_item_index(store::Transaction& rows, std::int64_t batch) {
  if (auto known = need_batch(rows, batch); !known) return pass(known);
  // Items come in order almost always; then their number is the answer.
  const std::int64_t count = rows.one("SELECT count(*) FROM batch_item WHERE batch = ?", batch)->integer(0);
  if (count == 0) return 0;
  if (rows.one("SELECT max(item) FROM batch_item WHERE batch = ?", batch)->integer(0) == count - 1) return count;
  const auto gap = rows.one(
      "SELECT min(x) FROM (SELECT 0 AS x UNION ALL SELECT item + 1 FROM batch_item WHERE batch = ?) "
      "WHERE NOT EXISTS (SELECT 1 FROM batch_item WHERE batch = ? AND item = x)",
      batch, batch);
  return gap->integer(0);
}

}  // namespace flotte::fleet
