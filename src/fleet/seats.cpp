// Concurrency keys in rows.
#include "fleet/seats.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "base/failpoint.hpp"

namespace flotte::fleet {
namespace {

/// The bug that plant.count_then_claim plants, as queues have it that count first and claim in another transaction: what is free was
/// counted a moment ago, and no seat stands in the way.
std::vector<std::int64_t> count_then_claim(store::Transaction& rows, std::int64_t key, std::size_t count) {
  struct Counted {
    WallTime at;
    std::int64_t free = 0;
  };
  static std::map<std::int64_t, Counted> earlier;
  Counted& counted = earlier[key];
  if (rows.now() < counted.at || rows.now() - counted.at > milliseconds(500)) {
    const auto most = rows.one("SELECT most FROM concurrency_key WHERE id = ?", key);
    const auto used = rows.one("SELECT count(*) FROM lease WHERE limited = ?", key);
    counted = {rows.now(), (most ? most->integer(0) : 0) - used->integer(0)};
  }
  const std::int64_t last = rows.one("SELECT coalesce(max(seat), 0) FROM lease WHERE limited = ?", key)->integer(0);
  std::vector<std::int64_t> out;
  for (std::int64_t n = 1; n <= counted.free && out.size() < count; ++n) out.push_back(last + n);
  return out;
}

}  // namespace

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
  if (failpoint::planted(Failpoint::plant_count_then_claim)) return count_then_claim(rows, key, count);
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
