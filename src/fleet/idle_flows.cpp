// Forgetting flows and concurrency keys.
#include "fleet/idle_flows.hpp"

#include <algorithm>

#include "fleet/pauses.hpp"

namespace flotte::fleet {

std::int64_t forget_idle_flows(Ledger& ledger, std::int64_t after, std::int64_t limit) {
  ledger.rows.execute(
      "DELETE FROM flow WHERE id > ? AND id <= ? AND id < (SELECT max(id) FROM flow) AND paused & ? = 0 AND out_until = 0 "
      "AND NOT EXISTS (SELECT 1 FROM task t WHERE t.flow = flow.id AND t.state = 0)",
      after, after + limit, paused_by_person);
  ledger.rows.execute(
      "DELETE FROM concurrency_key WHERE id > ? AND id <= ? AND id < (SELECT max(id) FROM concurrency_key) "
      "AND NOT EXISTS (SELECT 1 FROM flow f WHERE f.limited = concurrency_key.id) "
      "AND NOT EXISTS (SELECT 1 FROM lease l WHERE l.limited = concurrency_key.id)",
      after, after + limit);
  const auto last =
      ledger.rows.one("SELECT coalesce(max((SELECT max(id) FROM flow), coalesce((SELECT max(id) FROM concurrency_key), 0)), 0)");
  return after + limit < last->integer(0) ? after + limit : 0;
}

}  // namespace flotte::fleet
