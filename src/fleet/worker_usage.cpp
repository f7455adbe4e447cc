// What each worker used, from the attempts that have ended.
#include "fleet/views.hpp"

namespace flotte::fleet {

std::vector<WorkerUsage> usage_by_worker(store::Transaction& rows, std::optional<WallTime> from, std::optional<WallTime> to) {
  std::vector<WorkerUsage> out;
  for (const store::Row& row : rows.query("SELECT worker || '@' || node, count(*), sum(outcome <> 'succeeded'), sum(input_tokens), "
                                          "sum(cached_tokens), sum(output_tokens), "
                                          "sum(cost_pico_usd), sum(unpriced) FROM attempt WHERE attempt > 0 AND ended_at >= ? AND ended_at "
                                          "<= ? GROUP BY 1 ORDER BY 2 DESC, 1 "
                                          "LIMIT 1000",
                                          from ? to_ms(*from) : 0, to ? to_ms(*to) : INT64_MAX))
    out.push_back(
        {row.text(0), row.integer(1), row.integer(2), {row.integer(3), row.integer(4), row.integer(5), row.integer(6), row.integer(7)}});
  return out;
}

json::object WorkerUsage::to_json() const {
  json::object o = usage.to_json();
  o["group"] = worker;
  o["calls"] = attempts;
  o["failed"] = failed;
  o["unpriced_calls"] = usage.unpriced_calls;
  return o;
}

}  // namespace flotte::fleet
