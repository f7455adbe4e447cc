// Wiring and retention of the call journal.
#include "hub/call_journal.hpp"

#include "base/async/wait.hpp"
#include "base/log.hpp"
#include "fleet/fleet.hpp"
#include "fleet/standing.hpp"
#include "route/journal_rows.hpp"
#include "route/journal_store.hpp"
#include "store/store.hpp"

namespace flotte::hub {
namespace {

constexpr std::size_t tasks_at_once = 200;  // one transaction looks at so many

struct Round {
  std::int64_t last = 0, forgotten = 0, freed = 0;  // freed: bytes of answers
  bool more = false;
};

/// What those tasks left behind goes, where their end was before `before`; until `bytes` of answers have gone, where that is not 0.
Result<Round> forget_some(store::Transaction& rows, std::int64_t after, WallTime before, std::int64_t bytes) {
  Round round{after};
  for (const std::int64_t task : route::journalled_tasks(rows, after, tasks_at_once)) {
    round.last = task;
    round.more = true;
    if (!fleet::ended_before(rows, task, before)) continue;
    round.freed += route::forget_calls(rows, task);
    ++round.forgotten;
    if (bytes > 0 && round.freed >= bytes) {
      round.more = false;
      break;
    }
  }
  return round;
}

Awaitable<std::int64_t> forget(store::Store& store, WallTime before, std::int64_t bytes) {
  std::int64_t forgotten = 0;
  for (Round round{.more = true}; round.more;) {
    std::function<Result<Round>(store::Transaction&)> body = [after = round.last, before, bytes](store::Transaction& rows) {
      return forget_some(rows, after, before, bytes);
    };
    auto done = co_await store.write<Round>(std::move(body));
    if (!done) {
      log::warning("old calls could not be forgotten", {{"why", done.error().text()}});
      co_return forgotten;
    }
    round = *done;
    forgotten += round.forgotten;
    if (bytes > 0 && round.more) bytes -= round.freed;  // something is left: else that was the last round
  }
  co_return forgotten;
}

}  // namespace

std::shared_ptr<route::Journal> make_journal(store::Store& store, fleet::Fleet& fleet, const std::atomic<bool>& stopping) {
  std::function<Result<void>(store::Transaction&)> settle = [](store::Transaction& rows) -> Result<void> {
    route::settle_open_calls(rows);
    return {};
  };
  store.post_write<void>(std::move(settle), [](Result<void> done) {
    if (!done) log::warning("the call journal could not be read", {{"why", done.error().text()}});
  });
  route::JournalOptions options;
  options.charging = [&fleet](std::int64_t task, std::int64_t fence, std::optional<std::int64_t> cost,
                              std::function<Result<bool>(store::Transaction&)> record) {
    return fleet.charge({task, fence, cost}, std::move(record));
  };
  options.still_wanted = [&stopping](store::Transaction& rows, std::int64_t task) { return !stopping && fleet::still_wanted(rows, task); };
  return route::store_journal(store, std::move(options));
}

Awaitable<std::int64_t> forget_ended_calls(store::Store& store, JournalKeeping keeping) {
  const std::int64_t aged = co_await forget(store, store.now() - keeping.after_end, 0);
  std::function<Result<std::int64_t>(store::Transaction&)> measure = [](store::Transaction& rows) -> Result<std::int64_t> {
    return route::journal_bytes(rows);
  };
  const auto bytes = co_await store.read<std::int64_t>(std::move(measure));
  if (!bytes || *bytes <= keeping.bytes) co_return aged;
  const std::int64_t early = co_await forget(store, store.now(), *bytes - keeping.bytes);
  log::warning("the call journal was over its size", {{"bytes", *bytes}, {"tasks_forgotten", early}});
  co_return aged + early;
}

Awaitable<void> keep_journal(store::Store& store, JournalKeeping keeping) {
  for (;;) {
    const bool slept = co_await sleep_for(keeping.every);
    if (!slept) co_return;
    const std::int64_t forgotten = co_await forget_ended_calls(store, keeping);
    if (forgotten > 0) log::debug("old calls were forgotten", {{"tasks", forgotten}});
  }
}

}  // namespace flotte::hub
