// What a client key may use and has used: its rate and its budgets. One object per key, shared by all loops without a lock; the time comes
// in as an argument. Money is reserved before a call and settled after it, so that budgets also hold where many calls run at once.
#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "route/sliding_window.hpp"

namespace flotte::route {

/// Days and months are those of UTC.
struct Allowance {
  std::int64_t requests_per_minute = 0;  // 0: as many as one likes
  std::optional<std::int64_t> day_pico_usd{}, month_pico_usd{};
  std::optional<std::int64_t> total_pico_usd{};  // without an end: what a task or a batch may cost
  bool operator==(const Allowance&) const = default;
};

/// Numbers that name the day and the month of a time, and when the next ones begin.
std::int64_t day_of(WallTime time) noexcept;
std::int64_t month_of(WallTime time) noexcept;
WallTime next_day(WallTime time) noexcept;
WallTime next_month(WallTime time) noexcept;

/// A sum of the last few days or months. A sum that begins anew loses nothing of the one before, so that late calls are booked where they
/// were reserved.
class SumByPeriod {
 public:
  std::atomic<std::int64_t>& at(std::int64_t period) noexcept;

 private:
  struct Slot {
    std::atomic<std::int64_t> period{0}, sum{0};
  };
  std::array<Slot, 4> slots_;
};

class Account {
 public:
  Account(std::string key_id, Allowance allowance) : key_id_(std::move(key_id)), allowance_(allowance) {}
  const std::string& key_id() const noexcept { return key_id_; }
  const Allowance& allowance() const noexcept { return allowance_; }
  bool has_budget() const noexcept { return allowance_.day_pico_usd || allowance_.month_pico_usd || allowance_.total_pico_usd; }

  /// Counts a request. Nothing where it may go on; else the time after which one may.
  std::optional<milliseconds> ask(SteadyTime now) noexcept;

  /// What a call will cost at most, or about.
  struct Estimate {
    std::int64_t pico_usd = 0;
    bool bounded = false;    // the request says how long the answer may be
    bool urgent = false;     // it has waited for so long that the estimate has to be believed
    std::int64_t least = 0;  // what it costs in any case
  };
  /// What is set aside for one call. Settled exactly once.
  struct Reservation {
    std::int64_t pico_usd = 0, estimate = 0, day = 0, month = 0;
  };
  enum class Verdict {
    granted,
    wait,    // others that are under way may turn out to be cheaper than what is set aside for them
    refused  // it does not fit, whatever they cost
  };
  /// Only where `has_budget`. How far an estimate can be trusted is learned from the calls that were settled: until then few run at once.
  Verdict reserve(Estimate estimate, WallTime now, Reservation& reservation) noexcept;
  /// What it cost; nothing: nobody knows, and what was set aside is taken as spent. Returns what was booked.
  std::int64_t settle(const Reservation& reservation, std::optional<std::int64_t> pico_usd) noexcept;
  /// It was not made after all, or is known to be free.
  void release(const Reservation& reservation) noexcept;
  /// Where nothing was reserved.
  void book(std::int64_t pico_usd, WallTime now) noexcept;

  /// Tokens of an answer whose length the request does not limit, as the key's calls tell.
  std::int64_t usual_output() const noexcept { return usual_output_.load(std::memory_order_relaxed); }
  void learn_output(std::int64_t tokens) noexcept;

  /// Booked and set aside.
  std::int64_t day_total(WallTime now) const noexcept { return day_.at(day_of(now)).load(std::memory_order_relaxed); }
  std::int64_t month_total(WallTime now) const noexcept { return month_.at(month_of(now)).load(std::memory_order_relaxed); }
  /// Since it was made, and what it was told to remember.
  std::int64_t total() const noexcept { return total_.load(std::memory_order_relaxed); }
  std::int64_t reserved() const noexcept { return reserved_.load(std::memory_order_relaxed); }
  /// What was booked before this process began.
  void remember_day(std::int64_t day, std::int64_t pico_usd) noexcept { day_.at(day).fetch_add(pico_usd, std::memory_order_relaxed); }
  void remember_total(std::int64_t pico_usd) noexcept { total_.fetch_add(pico_usd, std::memory_order_relaxed); }
  void remember_month(std::int64_t month, std::int64_t pico_usd) noexcept {
    month_.at(month).fetch_add(pico_usd, std::memory_order_relaxed);
  }

  /// Calls that wait for one of the others; see limits.hpp for the bound.
  std::atomic<std::int32_t> waiting{0};

 private:
  std::int64_t scaled(std::int64_t pico_usd) const noexcept;
  void learn(const Reservation& reservation, std::int64_t actual) noexcept;
  bool take(std::int64_t amount, const Reservation& where) noexcept;
  void give_back(const Reservation& reservation, std::int64_t amount) noexcept;
  std::int64_t room(const Reservation& where) noexcept;

  const std::string key_id_;
  const Allowance allowance_;
  SlidingWindow requests_;
  mutable SumByPeriod day_, month_;
  std::atomic<std::int64_t> reserved_{0}, total_{0};
  std::atomic<std::int64_t> settled_{0}, under_way_{0};  // calls with a reservation
  std::atomic<std::int64_t> factor_{1'000};              // thousandths: actual costs over estimates, never below 1
  std::atomic<std::int64_t> usual_output_{500};
};

}  // namespace flotte::route
