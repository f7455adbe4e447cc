// The call journal's rows: call_ask (one per call, narrow), call_answer (what was bought, with its text), call_total (of tasks whose calls
// were forgotten).
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "route/call_book.hpp"
#include "route/journal.hpp"
#include "route/packed.hpp"
#include "store/transaction.hpp"

namespace flotte::route {

struct KnownCalls {
  std::vector<KnownCall> asks;
  std::int64_t bytes = 0;  // of the answers that are kept
};
KnownCalls load_calls(store::Transaction& rows, std::int64_t task);

/// An answer with its body still packed.
struct KeptAnswer {
  Recorded answer;  // without its body
  Packed body;
};
std::optional<KeptAnswer> load_answer(store::Transaction& rows, std::int64_t task, std::int64_t place);

/// A call that was there already stays as it is.
void insert_ask(store::Transaction& rows, std::int64_t task, const KnownCall& ask);
/// KnownCall and answer; the ask may be there already. False where the answer was.
bool insert_answer(store::Transaction& rows, std::int64_t task, const KnownCall& ask, const KeptAnswer& answer);
void set_told(store::Transaction& rows, std::int64_t task, std::int64_t place, std::int64_t told);
void set_state(store::Transaction& rows, std::int64_t task, std::int64_t place, CallState state);
/// What was under way when the last process ended: nobody will ever know. At start.
void settle_open_calls(store::Transaction& rows);

/// What is said of a task's calls.
struct CallCounts {
  std::int64_t bought = 0, replayed = 0, lost = 0;
  std::int64_t maybe_bought_twice = 0;  // bought though an earlier one was perhaps paid for
  json::object to_json() const;
};
CallCounts count_calls(store::Transaction& rows, std::int64_t task);

/// One call as `GET /fleet/v1/tasks/{id}/calls` shows it.
struct CallLine {
  KnownCall ask;
  WallTime at{};
  std::optional<Recorded> answer;  // without its body: what it got
  std::int64_t bytes = 0;
};
/// Those behind `after`, in the order in which they were asked.
std::vector<CallLine> list_calls(store::Transaction& rows, std::int64_t task, std::int64_t after, std::size_t limit);

/// Tasks behind `after` that have calls here, in their order.
std::vector<std::int64_t> journalled_tasks(store::Transaction& rows, std::int64_t after, std::size_t limit);
/// What all answers take.
std::int64_t journal_bytes(store::Transaction& rows);
/// The calls go, their counts stay. How many bytes of answers that were.
std::int64_t forget_calls(store::Transaction& rows, std::int64_t task);

}  // namespace flotte::route
