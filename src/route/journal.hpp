// The call journal: answers that tasks have already paid for. A port of the gateway; `store_journal` (journal_store.hpp) is the real one.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "base/async/types.hpp"
#include "base/error.hpp"
#include "llm/usage.hpp"

namespace flotte::route {

/// Which call: the same task, step and body (SHA-256, 32 bytes) ask for the same answer.
struct CallId {
  std::int64_t task = 0;
  std::string step;
  std::string sha256;
};

/// A whole answer with status 200, as the client got it.
struct Recorded {
  std::string content_type, body, target;
  llm::Usage usage;
  std::optional<std::int64_t> cost_pico_usd;  // nothing: unknown
};

class Journal {
 public:
  virtual ~Journal() = default;
  /// The recorded answer, or nothing. Continues on the caller's loop.
  virtual Awaitable<Result<std::optional<Recorded>>> find(CallId id) = 0;
  /// Durable when it returns. A stale fence changes nothing: the answer was paid for. The first answer of a call stays.
  virtual Awaitable<Result<void>> record(CallId id, std::int64_t fence, Recorded answer) = 0;
  /// What a call cost whose answer was not recorded: it broke off, or is too long to keep.
  virtual Awaitable<Result<void>> charge(std::int64_t task, std::int64_t fence, std::optional<std::int64_t> cost_pico_usd) = 0;
};

}  // namespace flotte::route
