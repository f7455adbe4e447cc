// Concurrency keys in rows.
#include "fleet/seats.hpp"

#include <set>

namespace flotte::fleet {

std::int64_t use_key(Ledger& ledger, std::string_view owner, const wire::Concurrency& concurrency) {
  const auto known = ledger.rows.one("SELECT id, most FROM concurrency_key WHERE owner = ? AND key = ?", owner, concurrency.key);
  if (known && known->integer(1) == concurrency.limit) return known->integer(0);
  const auto row = ledger.rows.one(
      "INSERT INTO concurrency_key (owner, key, most) VALUES (?, ?, ?) ON CONFLICT (owner, key) DO UPDATE SET most = excluded.most "
      "RETURNING id",
      owner, concurrency.key, concurrency.limit);
  ledger.changes.seats.insert(row->integer(0));
  return row->integer(0);
}

std::vector<std::int64_t> free_seats(store::Transaction& rows, std::int64_t key, std::size_t count) {
  const auto most = rows.one("SELECT most FROM concurrency_key WHERE id = ?", key);
  std::set<std::int64_t> taken;
  for (const store::Row& row : rows.query("SELECT seat FROM lease WHERE limited = ?", key)) taken.insert(row.integer(0));
  std::vector<std::int64_t> out;
  // With a limit that was lowered, seats above it may still be held; they count.
  const std::int64_t free = (most ? most->integer(0) : 0) - static_cast<std::int64_t>(taken.size());
  for (std::int64_t seat = 1; static_cast<std::int64_t>(out.size()) < free && out.size() < count; ++seat)
    if (!taken.contains(seat)) out.push_back(seat);
  return out;
}

KeyUse show_key(store::Transaction& rows, std::int64_t key) {
  KeyUse use;
  if (const auto row = rows.one("SELECT owner, key, most FROM concurrency_key WHERE id = ?", key)) {
    use.owner = row->text(0);
    use.key = row->text(1);
    use.limit = static_cast<int>(row->integer(2));
  }
  use.used = static_cast<int>(rows.one("SELECT count(*) FROM lease WHERE limited = ?", key)->integer(0));
  for (const store::Row& row : rows.query("SELECT task FROM lease WHERE limited = ? ORDER BY task LIMIT 10", key))
    use.holders.push_back(wire::format_id('t', row.integer(0)));
  return use;
}

}  // namespace flotte::fleet
