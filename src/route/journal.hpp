// The call journal: what tasks ask models, and the answers that they have already paid for. A port of the gateway; `store_journal`
// (journal_store.hpp) is the real one. See docs/journal.md for what it promises and call_book.hpp for the rule.
//
// Of one call: `open`; where it gives an answer, `told` or `untold`; else `withdraw`, or `intend` and one of `lose`, or `record` and `told`
// or `untold`.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/async/types.hpp"
#include "base/error.hpp"
#include "llm/usage.hpp"

namespace flotte::route {

/// Which call. `request`: the hash of what is asked (request_hash.hpp).
struct CallId {
  std::int64_t task = 0, fence = 0;
  std::string step;
  std::string request;
};

/// A whole answer with status 200, as the client got it.
struct Recorded {
  std::string content_type, body, target;
  llm::Usage usage;
  std::optional<std::int64_t> cost_pico_usd;  // nothing: unknown
};

/// A call that has begun. `answer`: the one to give again; nothing: it is to be bought.
struct OpenedCall {
  std::int64_t place = 0;
  std::int64_t repeats = 0;  // of an earlier call that was perhaps paid for; 0: none
  std::optional<Recorded> answer;
};

/// How a call ended that has no recorded answer.
struct Lost {
  enum class Paid { nothing, perhaps } paid = Paid::perhaps;  // nothing: it was refused
  bool charged = false;                                       // its task pays for it
  std::optional<std::int64_t> cost_pico_usd;                  // what; nothing: unknown
};

/// Functions without a coroutine return at once and are written down soon.
class Journal {
 public:
  virtual ~Journal() = default;
  /// May wait for the end of the same call by an earlier run that is still under way. Error: unprocessable where its task has made too
  /// many calls.
  virtual Awaitable<Result<OpenedCall>> open(CallId id) = 0;
  /// It will be asked now. Durable when it returns.
  virtual Awaitable<Result<void>> intend(CallId id, OpenedCall call) = 0;
  /// The same, written down soon: for calls that cost nothing.
  virtual void intend_soon(CallId id, const OpenedCall& call) = 0;
  /// Durable when it returns; charges the task. A stale fence changes nothing: the answer was paid for. From now on its run counts as told.
  virtual Awaitable<Result<void>> record(CallId id, std::int64_t place, Recorded answer) = 0;
  /// The client has, or has not, got the whole answer, recorded or given again.
  virtual void told(const CallId& id, std::int64_t place) = 0;
  virtual void untold(const CallId& id, std::int64_t place) = 0;
  /// It was intended, and there is no whole answer. Durable when it returns.
  virtual Awaitable<Result<void>> lose(CallId id, std::int64_t place, Lost how) = 0;
  /// It was opened, and nobody was asked.
  virtual void withdraw(const CallId& id, std::int64_t place) = 0;
  /// As `lose` with nothing known, at once.
  virtual void abandon(const CallId& id, std::int64_t place) = 0;
  /// Its client has gone while it was answered. `answer` is told, perhaps on another thread, whether the answer is still wanted: then it is
  /// read to its end and recorded for the task's next run.
  virtual void left(const CallId& id, std::int64_t place, std::function<void(bool wanted)> answer) = 0;
};

}  // namespace flotte::route
