// The writer of usage and the questions about it.
#include "route/usage_store.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "base/async/wait.hpp"
#include "base/log.hpp"
#include "base/money.hpp"
#include "route/spending.hpp"
#include "store/store.hpp"
#include "wire/task.hpp"

namespace flotte::route {
namespace {

constexpr std::size_t kept_limit = 100'000;
constexpr std::int64_t day_ms = 86'400'000;
/// What single calls used is kept so long; the sums of days for ever.
constexpr std::int64_t kept_days = 30;

struct Sum {
  std::int64_t at_ms = 0, calls = 0, failed = 0, unpriced = 0, answered = 0, input = 0, cached = 0, output = 0, first_ms = 0, total_ms = 0,
               cost = 0;

  void add(const UsageRecord& r) {
    at_ms = std::max(at_ms, r.at_ms);
    ++calls;
    failed += r.status >= 400 ? 1 : 0;
    unpriced += r.cost_pico_usd < 0 ? 1 : 0;
    answered += r.first_ms >= 0 ? 1 : 0;
    input += std::max<std::int64_t>(r.usage.input_tokens, 0);
    cached += std::max<std::int64_t>(r.usage.cached_tokens, 0);
    output += std::max<std::int64_t>(r.usage.output_tokens, 0);
    first_ms += std::max(r.first_ms, 0);
    total_ms += r.total_ms;
    cost = add_usd(cost, std::max<std::int64_t>(r.cost_pico_usd, 0));
  }
};
// Day, key, model, target; and with task and status behind them.
using Day = std::tuple<std::int64_t, std::string_view, std::string_view, std::string_view>;
using Alike = std::tuple<std::int64_t, std::string_view, std::string_view, std::string_view, std::int64_t, std::int32_t>;

void write_sum(store::Transaction& transaction, const Alike& alike, const Sum& sum) {
  const auto& [day, key, model, target, task, status] = alike;
  transaction.execute(
      "INSERT INTO usage (at_ms, key, model, target, task, status, calls, unpriced, answered, input_tokens, cached_tokens, output_tokens, "
      "first_ms, total_ms, cost_pico_usd) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      sum.at_ms, key, model, target, task, status, sum.calls, sum.unpriced, sum.answered, sum.input, sum.cached, sum.output, sum.first_ms,
      sum.total_ms, sum.cost);
}

void write_day(store::Transaction& transaction, const Day& place, const Sum& sum) {
  const auto& [day, key, model, target] = place;
  transaction.execute(
      "INSERT INTO usage_day (day, key, model, target, calls, failed, unpriced, input_tokens, cached_tokens, output_tokens, "
      "cost_pico_usd) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (day, key, model, target) DO UPDATE SET calls = calls + excluded.calls, "
      "failed = failed + excluded.failed, unpriced = unpriced + excluded.unpriced, input_tokens = input_tokens + excluded.input_tokens, "
      "cached_tokens = cached_tokens + excluded.cached_tokens, output_tokens = output_tokens + excluded.output_tokens, "
      "cost_pico_usd = cost_pico_usd + excluded.cost_pico_usd",
      day, key, model, target, sum.calls, sum.failed, sum.unpriced, sum.input, sum.cached, sum.output, sum.cost);
}

Result<void> write_batch(store::Transaction& transaction, const std::vector<UsageRecord>& batch) {
  std::map<Alike, Sum> alike;
  std::map<Day, Sum> days;
  for (const UsageRecord& r : batch) {
    alike[Alike{r.at_ms / day_ms, r.key, r.model, r.target, r.task, r.status}].add(r);
    days[Day{r.at_ms / day_ms, r.key, r.model, r.target}].add(r);
  }
  for (const auto& [place, sum] : alike) write_sum(transaction, place, sum);
  for (const auto& [place, sum] : days) write_day(transaction, place, sum);
  add_spending(transaction, batch);
  // A few old rows at a time, so that no single batch takes long.
  transaction.execute("DELETE FROM usage WHERE rowid IN (SELECT rowid FROM usage WHERE at_ms < ? ORDER BY at_ms LIMIT 1000)",
                      to_ms(transaction.now()) - kept_days * day_ms);
  return {};
}

/// What has been taken from the rings and is not in the database yet.
class UsageWriter {
 public:
  UsageWriter(store::Store& store, std::vector<UsageRing*> rings) : store_(store), rings_(std::move(rings)) {}

  Awaitable<void> drain() {
    for (;;) {
      take();
      if (!waiting_) co_return;
      const auto batch = waiting_;
      std::function<Result<void>(store::Transaction&)> body = [batch](store::Transaction& transaction) {
        return write_batch(transaction, *batch);
      };
      const auto written = co_await store_.write<void>(std::move(body));
      if (!written) {
        if (!complained_) log::warning("usage could not be recorded; it is kept and tried again", {{"why", written.error().text()}});
        complained_ = true;
        co_return;
      }
      complained_ = false;
      waiting_.reset();
    }
  }

 private:
  /// Moves records into the batch that waits. It grows only while the database refuses it.
  void take() {
    for (UsageRing* ring : rings_) {
      while (!waiting_ || waiting_->size() < kept_limit) {
        auto record = ring->pop();
        if (!record) break;
        if (!waiting_) waiting_ = std::make_shared<std::vector<UsageRecord>>();
        waiting_->push_back(std::move(*record));
      }
    }
  }

  store::Store& store_;
  std::vector<UsageRing*> rings_;
  std::shared_ptr<std::vector<UsageRecord>> waiting_;
  bool complained_ = false;
};

std::string group_name(const std::string& by, const store::Row& row) {
  if (by == "day") return to_rfc3339(from_ms(row.integer(0) * day_ms)).substr(0, 10);
  if (by == "task") return wire::format_id('t', row.integer(0));
  return row.text(0);
}

/// Statements come from this small set; filters that are empty let everything through.
std::optional<std::string> usage_sql(const std::string& by) {
  static constexpr std::string_view columns[] = {"model", "key", "target", "day"};
  static const std::string provider = "CASE WHEN instr(target, '/') > 0 THEN substr(target, 1, instr(target, '/') - 1) ELSE target END";
  const bool tasks = by == "task";
  if (!tasks && by != "provider" && std::find(std::begin(columns), std::end(columns), by) == std::end(columns)) return std::nullopt;
  return "SELECT " + (by == "provider" ? provider : by) + ", SUM(calls), " +
         (tasks ? "SUM(CASE WHEN status >= 400 THEN calls ELSE 0 END)" : "SUM(failed)") +
         ", SUM(input_tokens), SUM(cached_tokens), SUM(output_tokens), SUM(cost_pico_usd), SUM(unpriced) FROM " +
         (tasks ? "usage" : "usage_day") +
         " WHERE (? = '' OR model = ?) AND (? = '' OR key = ?) AND (? = '' OR target = ?) AND (? = '' OR " + provider + " = ?) AND " +
         (tasks ? "task <> 0 AND at_ms >= ? AND at_ms <= ?" : "day >= ? AND day <= ?") + " GROUP BY 1 ORDER BY " +
         (by == "day" || tasks ? "1 DESC" : "2 DESC, 1") + " LIMIT 1000";
}

Result<std::vector<UsageRow>> select(store::Transaction& transaction, const std::string& sql, const UsageQuery& q) {
  const std::int64_t unit = q.by == "task" ? 1 : day_ms;
  const std::int64_t from = q.from ? to_ms(*q.from) / unit : 0;
  const std::int64_t to = q.to ? to_ms(*q.to) / unit : INT64_MAX;
  std::vector<UsageRow> rows;
  for (const store::Row& row : transaction.query(sql, q.model, q.model, q.key, q.key, q.target, q.target, q.provider, q.provider, from, to))
    rows.push_back({group_name(q.by, row), row.integer(1), row.integer(2), row.integer(3), row.integer(4), row.integer(5), row.integer(6),
                    row.integer(7)});
  return rows;
}

}  // namespace

Awaitable<void> run_usage_writer(store::Store& store, std::vector<UsageRing*> rings, std::chrono::milliseconds interval) {
  UsageWriter writer(store, std::move(rings));
  while (co_await sleep_for(interval)) co_await writer.drain();
  // Cancelled: what is still in the rings goes out once more, and that may not be cancelled too.
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  co_await writer.drain();
}

Awaitable<Result<std::vector<UsageRow>>> query_usage(store::Store& store, UsageQuery query) {
  const auto sql = usage_sql(query.by);
  if (!sql)
    co_return fail(Code::invalid_argument, fmt::format("usage cannot be grouped by \"{}\"", query.by),
                   "use model, provider, target, key, task or day");
  std::function<Result<std::vector<UsageRow>>(store::Transaction&)> body =
      [sql = *sql, query = std::move(query)](store::Transaction& transaction) { return select(transaction, sql, query); };
  co_return co_await store.read<std::vector<UsageRow>>(std::move(body));
}

json::object UsageRow::to_json() const {
  json::object o;
  o["group"] = group;
  o["calls"] = calls;
  o["failed"] = failed;
  o["input_tokens"] = input_tokens;
  o["cached_tokens"] = cached_tokens;
  o["output_tokens"] = output_tokens;
  o["cost_usd"] = unpriced_calls > 0 && cost_pico_usd == 0 ? json::value(nullptr) : json::value(format_usd(cost_pico_usd));
  o["unpriced_calls"] = unpriced_calls;
  return o;
}

}  // namespace flotte::route
