// Whether one call may be made now: its key's rate and budget, the limits and the quota of the provider. Holds what the call has taken and
// gives it back. Internal to route; lives in the exchange, on its loop.
#pragma once
#include <array>
#include <deque>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "base/async/wait.hpp"
#include "http/server.hpp"
#include "llm/usage.hpp"
#include "route/account.hpp"
#include "route/gateway.hpp"
#include "route/limits.hpp"
#include "route/measure.hpp"
#include "route/plan.hpp"

namespace flotte::route::detail {

class InLine;

/// The calls of one loop that wait for a place, in the order in which they came. Lines of several loops take turns as it happens.
class Lines {
 public:
  std::size_t size() const noexcept { return size_; }

 private:
  friend class InLine;
  using Line = std::deque<InLine*>;
  std::unordered_map<Limiter*, std::array<Line, 2>> lines_;
  std::size_t size_ = 0;
};

class Admission {
 public:
  Admission(Lines& lines, const Clock& clock, const GatewayOptions& options, const Caller& caller);
  /// What is still held counts as a call that nobody knows the end of.
  ~Admission();
  Admission(const Admission&) = delete;
  Admission& operator=(const Admission&) = delete;

  struct Refused {
    Error error;
    std::string_view code;  // as OpenAI calls it
    std::optional<milliseconds> retry_after;
    Account* purse = nullptr;  // whose money it was, of the caller's purses
  };
  /// Counts the call against its key's rate and measures it, where anything depends on that. `pays` is false for calls that cost nothing.
  std::optional<Refused> begin(const Route& route, std::string_view body, bool pays);

  /// True: the target's place and the money are held, until `leave`. False: it is full, or is refused.
  bool enter(const Route& route, std::size_t target);
  /// Where every target that `enter` was asked for was full: waits for the first place, at most as long as the options say. The target
  /// whose place is held; nothing where none became free, or the client has gone.
  Awaitable<std::optional<std::size_t>> wait(const Route& route, const http::ServerCall& call);
  /// Why the last one was not let in; nothing where none was asked for.
  const std::optional<Refused>& refused() const noexcept { return refused_; }

  /// What the head of an answer says about the target's quota.
  void learn(const Target& target, const http::Headers& headers) const;

  struct Outcome {
    bool answered = false;  // content came
    bool whole = false;     // and its end
    bool silent = false;    // it was asked, and nobody knows what it did
    llm::Usage usage;
    std::optional<std::int64_t> pico_usd;  // nothing: unknown
    std::int64_t bytes = 0;                // of the answer, as the client got it
  };
  void leave(const Outcome& outcome);

  /// What was booked, and on whose account.
  void note(UsageRecord& record) const;

 private:
  enum class Entry { granted, full, refused };
  Entry try_enter(const Target& target, InLine* in_line);
  Entry reserve(const Target& target, bool urgent);
  Entry take_place(const Target& target, InLine* in_line);
  Entry full(milliseconds wait, Error error);
  std::int64_t likely_cost(const Outcome& outcome) const;
  void refuse_budget(std::int64_t pico_usd);
  Entry open_purses(Account::Estimate estimate);
  void close_purses() noexcept;
  void settle(Account& account, const Account::Reservation& money, const Outcome& outcome, std::int64_t& booked);

  Lines& lines_;
  const Clock& clock_;
  const GatewayOptions& options_;
  Account* const account_;  // null: nobody counts
  const std::vector<std::shared_ptr<Account>>& purses_;
  const Urgency urgency_;
  bool pays_ = true, measured_ = false;
  Measure measure_;
  Tried full_ = 0;  // targets that may have a place later
  std::optional<Refused> refused_;
  milliseconds wait_{};  // of the last one that was full

  const Target* target_ = nullptr;  // held
  std::optional<Account::Reservation> money_;
  std::vector<Account::Reservation> in_purses_;  // as purses_, or empty
  Limiter::Place place_;
  std::int64_t booked_ = 0, day_ = 0;
};

}  // namespace flotte::route::detail
